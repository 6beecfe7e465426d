// Makes the bench's data, the same on every run: two sections, in the first a million profiles (or as many as asked),
// 50 tags and ten applications per profile, with ledger, counters and history as the product would have written them.
import type pg from 'pg';

export type Size = { profiles: number; tags: number; applicationsPerProfile: number };

/** What the measurements need to know of the generated data. */
export type BenchWorld = {
  accountId: number;
  sectionId: number;
  otherSectionId: number;
  tagIds: number[];
  userId: number;
};

/** Fills an empty, migrated database. Deterministic: no random numbers but those made from ids. */
export async function generate(db: pg.Client, size: Size): Promise<BenchWorld> {
  await db.query(`set session_replication_role = replica`);
  await db.query(`set synchronous_commit = off`);
  await db.query(`set maintenance_work_mem = '1GB'`);
  const account = await db.query<{ id: number }>(`insert into account (name) values ('Bench') returning id`);
  const accountId = account.rows[0]!.id;
  const user = await db.query<{ id: number }>(
    `insert into app_user (account_id, email, name, role, all_sections)
     values ($1, 'bench@example.com', 'Bench', 'owner', true) returning id`,
    [accountId],
  );
  await db.query(
    `insert into keyspace (account_id, kind, discriminator, name)
     values ($1, 'email', 'com.apsis1.keyspaces.email', 'Email'), ($1, 'mobile', 'com.apsis1.keyspaces.mobile', 'Mobile'),
            ($1, 'crm_id', 'com.apsis1.keyspaces.crm-id', 'CRM ID')`,
    [accountId],
  );
  const sectionId = await generateSection(db, accountId, 'bench', size);
  const otherSectionId = await generateSection(db, accountId, 'other', {
    ...size,
    profiles: Math.ceil(size.profiles / 5),
  });
  const tags = await db.query<{ id: number }>(`select id from tag where section_id = $1 order by id limit $2`, [
    sectionId,
    size.tags,
  ]);
  await db.query(`set session_replication_role = origin`);
  await db.query(`vacuum analyze`);
  return { accountId, sectionId, otherSectionId, tagIds: tags.rows.map(({ id }) => id), userId: user.rows[0]!.id };
}

async function generateSection(db: pg.Client, accountId: number, slug: string, size: Size): Promise<number> {
  const section = await db.query<{ id: number }>(
    `insert into section (account_id, name, slug, discriminator) values ($1, $2, $2, $3) returning id`,
    [accountId, slug, `usercreated.sections.${slug}`],
  );
  const sectionId = section.rows[0]!.id;
  const text = (statement: string) => db.query(statement.replaceAll(':section', String(sectionId)));
  await text(`
    insert into attribute (section_id, code, discriminator, name, name_key, type, system)
    select :section, code, 'com.apsis1.attributes.' || code, name, lower(name), type::attribute_type, true
    from (values ('email', 'Email', 'text'), ('mobile', 'Mobile', 'text'), ('firstname', 'First name', 'text'),
      ('lastname', 'Last name', 'text'), ('birthdate', 'Birth date', 'date'), ('crmid', 'CRM ID', 'text'))
      made (code, name, type)`);
  await text(`
    insert into tag (section_id, discriminator, name, name_key)
    select :section, 'usercreated.tags.bench-' || number, 'Bench tag ' || number, 'bench tag ' || number
    from generate_series(1, ${size.tags}) number`);
  await text(`
    insert into profile (section_id, attributes, created_at, updated_at)
    select :section,
      jsonb_build_object(
        'email', 'person' || number || '@' || (number % 997) || '.example.com',
        'firstname', (array['Anna','Erik','Maria','Lars','Karin','Johan','Sofia','Per','Elin','Nils'])[1 + number % 10] || number % 100,
        'lastname', (array['Andersson','Berg','Carlsson','Dahl','Ek','Falk','Gran','Holm','Ivarsson','Jonsson'])[1 + (number / 10) % 10] || number % 1000,
        'birthdate', to_char(date '1950-01-01' + (number::bigint * 7919 % 20000)::int, 'YYYY-MM-DD')),
      now() - make_interval(mins => ${size.profiles} - number), now() - make_interval(mins => ${size.profiles} - number)
    from generate_series(1, ${size.profiles}) number`);
  await text(`
    insert into profile_key (section_id, keyspace_id, key, profile_id)
    select :section, (select id from keyspace where kind = 'email' and account_id = ${accountId}), attributes ->> 'email', id
    from profile where section_id = :section`);
  // A hash of (profile, tag) decides who has what: tags of very different sizes, ten a profile on average.
  const share = `2 * ${size.applicationsPerProfile} / ${size.tags}.0 * (tag.number / ${size.tags}.0)`;
  await text(`
    create temporary table made as
    select profile.id as profile_id, tag.id as tag_id
    from (select id, row_number() over (order by id) as number from tag where section_id = :section) tag
    join profile on profile.section_id = :section
      and (hashint8(profile.id * 1000003 + tag.number)::bigint & 1048575) < 1048576 * (${share})`);
  await text(`insert into profile_tag (section_id, tag_id, profile_id)
    select :section, tag_id, profile_id from made order by tag_id, profile_id`);
  await text(`
    insert into tag_change (section_id, tag_id, profile_id, action, visible, at, source)
    select :section, tag_id, profile_id, 1, true,
      now() - make_interval(secs => hashint8(profile_id + tag_id)::bigint & 8388607), 1 + (profile_id % 3)
    from made order by profile_id`);
  await text(`insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
    select :section, tag_id, 0, count(*), now() from made group by tag_id`);
  await text(`insert into tag_day (section_id, tag_id, day, source, slot, applied, removed)
    select :section, tag_id, at::date, source, 0, count(*), 0
    from tag_change where section_id = :section group by tag_id, at::date, source`);
  await db.query(`drop table made`);
  return sectionId;
}
