// What tests begin with: an account of its own with a section, keyspaces and one person of each role.
import { randomUUID } from 'node:crypto';
import type { Role, SystemActor, UserActor } from '@/lib/access/actor';
import type { AccountId, KeyspaceId, ProfileId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';

const SYSTEM_ATTRIBUTES = [
  ['email', 'Email', 'text'],
  ['mobile', 'Mobile', 'text'],
  ['firstname', 'First name', 'text'],
  ['lastname', 'Last name', 'text'],
  ['birthdate', 'Birth date', 'date'],
  ['crmid', 'CRM ID', 'text'],
] as const;

export type TestAccount = {
  accountId: AccountId;
  sectionId: SectionId;
  owner: UserActor;
  admin: UserActor;
  /** A marketer with access to the first section only. */
  marketer: UserActor;
  system: SystemActor;
  keyspaces: { email: KeyspaceId; mobile: KeyspaceId; crm_id: KeyspaceId };
};

/** A fresh account in the test file's database. */
export async function createTestAccount(): Promise<TestAccount> {
  const db = pool();
  const unique = randomUUID().slice(0, 8);
  const account = await one<{ id: AccountId }>(db, sql`insert into account (name) values (${unique}) returning id`);
  const sectionId = await createTestSection(account.id, `Section ${unique}`);
  const keyspaces = await rows<{ kind: keyof TestAccount['keyspaces']; id: KeyspaceId }>(
    db,
    sql`
      insert into keyspace (account_id, kind, discriminator, name)
      values (${account.id}, 'email', 'com.apsis1.keyspaces.email', 'Email'),
             (${account.id}, 'mobile', 'com.apsis1.keyspaces.mobile', 'Mobile'),
             (${account.id}, 'crm_id', 'com.apsis1.keyspaces.crm-id', 'CRM ID')
      returning kind, id`,
  );
  const person = async (role: Role): Promise<UserActor> => {
    const all = role !== 'user';
    const email = `${role}.${unique}@example.com`;
    const user = await one<{ id: UserId }>(
      db,
      sql`
        insert into app_user (account_id, email, name, role, all_sections)
        values (${account.id}, ${email}, ${`Test ${role}`}, ${role}, ${all})
        returning id`,
    );
    if (!all) await rows(db, sql`insert into user_section (user_id, section_id) values (${user.id}, ${sectionId})`);
    return {
      kind: 'user',
      userId: user.id,
      accountId: account.id,
      role,
      name: `Test ${role}`,
      email,
      sections: all ? 'all' : [sectionId],
      from: { ip: '127.0.0.1', userAgent: 'test' },
    };
  };
  return {
    accountId: account.id,
    sectionId,
    owner: await person('owner'),
    admin: await person('admin'),
    marketer: await person('user'),
    system: { kind: 'system', accountId: account.id, name: 'Tagwell', from: { ip: null, userAgent: null } },
    keyspaces: Object.fromEntries(keyspaces.map(({ kind, id }) => [kind, id])) as TestAccount['keyspaces'],
  };
}

/** One more section, with the system attributes. */
export async function createTestSection(accountId: AccountId, name: string): Promise<SectionId> {
  const slug = `${name.toLowerCase().replaceAll(' ', '-')}-${randomUUID().slice(0, 12)}`;
  const section = await one<{ id: SectionId }>(
    pool(),
    sql`
      insert into section (account_id, name, slug, discriminator)
      values (${accountId}, ${name}, ${slug}, ${`usercreated.sections.${slug}`})
      returning id`,
  );
  for (const [code, label, type] of SYSTEM_ATTRIBUTES) {
    await rows(
      pool(),
      sql`
        insert into attribute (section_id, code, discriminator, name, name_key, type, system)
        values (${section.id}, ${code}, ${`com.apsis1.attributes.${code}`}, ${label}, ${label.toLowerCase()},
                ${type}::attribute_type, true)`,
    );
  }
  return section.id;
}

/** Adds empty profiles and returns their ids in ascending order. */
export async function createTestProfiles(sectionId: SectionId, count: number): Promise<ProfileId[]> {
  const made = await rows<{ id: ProfileId }>(
    pool(),
    sql`insert into profile (section_id) select ${sectionId}::int from generate_series(1, ${count}::int) returning id`,
  );
  return made.map(({ id }) => id).sort((left, right) => left - right);
}

/** Adds a visible tag. */
export async function createTestTag(sectionId: SectionId, name: string): Promise<TagId> {
  const tag = await one<{ id: TagId }>(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      values (${sectionId}, ${`usercreated.tags.test-${randomUUID().slice(0, 10)}`}, ${name}, ${name.toLowerCase()})
      returning id`,
  );
  return tag.id;
}
