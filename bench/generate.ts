// Generates the benchmark's data, the same on every run: three sections, a million profiles in the first (or the given
// number), 50 tags and ten applications per profile, with ledger, counters and history as the product would have
// written them.
import type pg from 'pg';
import { hashPassword } from '@/lib/accounts/passwords';
import type { ProfileId, SectionId, TagId, UserId } from '@/lib/db/ids';

type SectionSize = { profiles: number; tags: number; applicationsPerProfile: number; timelineItems?: number };

/** The parts of the generated data that the measurements refer to. */
export type World = {
  userId: UserId;
  main: { sectionId: SectionId; slug: string; profiles: number; tagIds: TagId[] };
  /** In the main section, with a timeline of 10,000 items. */
  busyProfileId: ProfileId;
  /** The section with 5,000 tags. */
  manyTags: { slug: string };
};

export const SIGN_IN = { email: 'bench@example.com', password: 'the password of the bench' };
const TAGS = 50;
const MANY_TAGS = 5_000;
const APPLICATIONS_PER_PROFILE = 10;
const TIMELINE_ITEMS = 10_000;

/** Fills an empty, migrated database. Deterministic: pseudo-random numbers are derived from ids. */
export async function generate(db: pg.Client, profiles: number): Promise<World> {
  await db.query(`set session_replication_role = replica`);
  await db.query(`set maintenance_work_mem = '1GB'`);
  const account = await db.query<{ id: number }>(`insert into account (name) values ('Bench') returning id`);
  const accountId = account.rows[0]!.id;
  const user = await db.query<{ id: UserId }>(
    `insert into app_user (account_id, email, name, role, all_sections, password_hash)
     values ($1, $2, 'Bench', 'owner', true, $3) returning id`,
    [accountId, SIGN_IN.email, await hashPassword(SIGN_IN.password)],
  );
  await db.query(
    `insert into keyspace (account_id, kind, discriminator, name)
     values ($1, 'email', 'com.apsis1.keyspaces.email', 'Email'), ($1, 'mobile', 'com.apsis1.keyspaces.mobile', 'Mobile'),
            ($1, 'crm_id', 'com.apsis1.keyspaces.crm-id', 'CRM ID')`,
    [accountId],
  );
  const common = { tags: TAGS, applicationsPerProfile: APPLICATIONS_PER_PROFILE };
  const sectionId = await generateSection(db, accountId, 'bench', {
    ...common,
    profiles,
    timelineItems: TIMELINE_ITEMS,
  });
  await generateSection(db, accountId, 'other', { ...common, profiles: Math.ceil(profiles / 5) });
  await generateSection(db, accountId, 'many-tags', {
    ...common,
    tags: MANY_TAGS,
    profiles: Math.ceil(profiles / 100),
  });
  const tags = await db.query<{ id: TagId }>(`select id from tag where section_id = $1 order by id`, [sectionId]);
  const busiest = await db.query<{ id: string }>(`select max(id) as id from profile where section_id = $1`, [
    sectionId,
  ]);
  await db.query(`set session_replication_role = origin`);
  await db.query(`vacuum analyze`);
  return {
    userId: user.rows[0]!.id,
    main: { sectionId, slug: 'bench', profiles, tagIds: tags.rows.map(({ id }) => id) },
    busyProfileId: Number(busiest.rows[0]!.id) as ProfileId,
    manyTags: { slug: 'many-tags' },
  };
}

async function generateSection(db: pg.Client, accountId: number, slug: string, size: SectionSize): Promise<SectionId> {
  const section = await db.query<{ id: SectionId }>(
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
    insert into attribute (section_id, code, discriminator, name, name_key, type)
    select :section, code, 'usercreated.attributes.' || code, name, lower(name), type::attribute_type
    from (values ('country', 'Country', 'text'), ('spend', 'Total spend', 'number')) made (code, name, type)`);
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
        'birthdate', to_char(date '1950-01-01' + (number::bigint * 7919 % 20000)::int, 'YYYY-MM-DD'),
        'country', (array['Sweden','Norway','Finland','Denmark','Germany','Poland','Estonia','Latvia'])[1 + (number * 31) % 8],
        'spend', (number::bigint * 7919 % 1800000) / 100.0),
      now() - make_interval(mins => ${size.profiles} - number), now() - make_interval(mins => ${size.profiles} - number)
    from generate_series(1, ${size.profiles}) number`);
  await text(`insert into profile_count (section_id, slot, profiles) values (:section, 0, ${size.profiles})`);
  await text(`
    insert into profile_key (section_id, keyspace_id, key, profile_id)
    select :section, (select id from keyspace where kind = 'email' and account_id = ${accountId}), attributes ->> 'email', id
    from profile where section_id = :section`);
  // A hash of (profile, tag) decides who has which tag: tags of very different sizes, ten per profile on average.
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
    from made order by 6`);
  // Two opened emails per profile on average, over half a year; a third of the profiles have none.
  await text(`
    insert into event_type (section_id, discriminator, name, name_key)
    values (:section, 'usercreated.events.opened-' || :section, 'Email opened', 'email opened')`);
  await text(`
    insert into event_version (section_id, event_type_id, fields)
    select :section, id, '[{"code":"subject","name":"Subject","type":"text"}]' from event_type where section_id = :section`);
  await text(`
    insert into profile_event (section_id, profile_id, version_id, at, data)
    select :section, profile.id, version.id,
      now() - make_interval(mins => (hashint8(profile.id * 31 + nth)::bigint & 262143)::int),
      jsonb_build_object('subject', 'News ' || nth)
    from profile
    join event_version version on version.section_id = :section
    cross join generate_series(1, 3) nth
    where profile.section_id = :section and profile.id % 3 > 0
    order by 4`);
  // Tags that were applied and removed again on the newest profile.
  await text(`
    insert into tag_change (section_id, tag_id, profile_id, action, visible, at, source)
    select :section, tag.id, (select max(id) from profile where section_id = :section), action, true,
      now() - make_interval(mins => 2 * number - action), 1
    from generate_series(1, ${(size.timelineItems ?? 0) / 2}) number
    cross join (values (1), (-1)) pair (action)
    join (select id, row_number() over (order by id) as place from tag where section_id = :section) tag
      on tag.place = 1 + number % ${size.tags}`);
  await text(`insert into tag_count (section_id, tag_id, slot, profiles, last_applied)
    select :section, tag_id, 0, count(*), now() from made group by tag_id`);
  await text(`insert into tag_day (section_id, tag_id, day, source, slot, applied, removed)
    select :section, tag_id, at::date, source, 0,
      count(*) filter (where action = 1), count(*) filter (where action = -1)
    from tag_change where section_id = :section group by tag_id, at::date, source`);
  await db.query(`drop table made`);
  return sectionId;
}
