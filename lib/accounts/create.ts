// Creates an account with its keyspaces, and sections with their system attributes.
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';
import { randomSuffix } from '@/lib/db/random-suffix';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import type { Role } from '@/lib/access/actor';

const KEYSPACES = [
  ['email', 'com.apsis1.keyspaces.email', 'Email'],
  ['mobile', 'com.apsis1.keyspaces.mobile', 'Mobile'],
  ['crm_id', 'com.apsis1.keyspaces.crm-id', 'CRM ID'],
  ['web', 'com.apsis1.keyspaces.web', 'Web'],
  ['export', 'com.apsis1.keyspaces.export', 'Export'],
] as const;

const SYSTEM_ATTRIBUTES = [
  ['email', 'Email', 'text'],
  ['mobile', 'Mobile', 'text'],
  ['firstname', 'First name', 'text'],
  ['lastname', 'Last name', 'text'],
  ['birthdate', 'Birth date', 'date'],
  ['crmid', 'CRM ID', 'text'],
] as const;

/** An account with its keyspaces; sections and users are added by the functions below. */
export async function createAccount(tx: Tx, name: string): Promise<AccountId> {
  const { id } = await one<{ id: AccountId }>(tx, sql`insert into account (name) values (${name}) returning id`);
  const [kinds, discriminators, names] = [0, 1, 2].map((column) => KEYSPACES.map((keyspace) => keyspace[column]));
  await execute(
    tx,
    sql`
      insert into keyspace (account_id, kind, discriminator, name)
      select ${id}::int, * from unnest(${kinds}::text[], ${discriminators}::text[], ${names}::text[])`,
  );
  return id;
}

/** A section with its system attributes. Its slug is derived from the name and unique in the account. */
export async function createSection(
  tx: Tx,
  accountId: AccountId,
  section: { name: string; description?: string; timeZone?: string },
): Promise<{ id: SectionId; slug: string }> {
  const slug = await freeSlug(tx, accountId, section.name);
  const { id } = await one<{ id: SectionId }>(
    tx,
    sql`
      insert into section (account_id, name, slug, discriminator, description, time_zone)
      values (${accountId}, ${section.name}, ${slug}, ${`usercreated.sections.${slug}-${randomSuffix()}`},
              ${section.description ?? ''}, ${section.timeZone ?? null})
      returning id`,
  );
  const [codes, names, types] = [0, 1, 2].map((column) => SYSTEM_ATTRIBUTES.map((attribute) => attribute[column]));
  await execute(
    tx,
    sql`
      insert into attribute (section_id, code, discriminator, name, name_key, type, system)
      select ${id}::int, code, 'com.apsis1.attributes.' || code, name, lower(name), type::attribute_type, true
      from unnest(${codes}::text[], ${names}::text[], ${types}::text[]) system (code, name, type)`,
  );
  return { id, slug };
}

/** A user with access to all sections or to those listed. */
export async function createUser(
  tx: Tx,
  accountId: AccountId,
  user: {
    email: string;
    name: string;
    role: Role;
    passwordHash: string | null;
    sections: 'all' | readonly SectionId[];
  },
): Promise<UserId> {
  const { id } = await one<{ id: UserId }>(
    tx,
    sql`
      insert into app_user (account_id, email, name, role, password_hash, all_sections)
      values (${accountId}, ${user.email}, ${user.name}, ${user.role}::role, ${user.passwordHash}, ${user.sections === 'all'})
      returning id`,
  );
  await setSections(tx, accountId, id, user.sections);
  return id;
}

/** Replaces the sections that a user may see. Ignores sections of other accounts. */
export async function setSections(
  tx: Tx,
  accountId: AccountId,
  userId: UserId,
  sections: 'all' | readonly SectionId[],
): Promise<void> {
  await rows(tx, sql`delete from user_section where user_id = ${userId}`);
  if (sections === 'all') return;
  await execute(
    tx,
    sql`
      insert into user_section (user_id, section_id)
      select ${userId}::int, id from section where account_id = ${accountId} and id = any(${sections}::int[])`,
  );
}

/** Slugs that are reserved for other routes. */
const RESERVED = [
  ...[
    'api',
    'api-reference',
    'audience',
    'c',
    'data',
    'f',
    'healthz',
    'invite',
    'metrics',
    'o',
    'oauth',
    'p',
    'readyz',
  ],
  ...['set-up', 'sign-in', 'u', 'uploads', 'v', 'v2'],
];

async function freeSlug(tx: Tx, accountId: AccountId, name: string): Promise<string> {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const wanted = plain.slice(0, 40) || 'section';
  const taken = await maybeOne(tx, sql`select from section where account_id = ${accountId} and slug = ${wanted}`);
  return taken || RESERVED.includes(wanted) ? `${wanted}-${randomSuffix().slice(0, 4)}` : wanted;
}
