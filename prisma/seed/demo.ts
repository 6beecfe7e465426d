// The demo account: one user of each role, two sections, 2,000 made-up profiles and a year of tags from several sources.
// Only for the database that Tagwell brings along, at its first start.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Role } from '@/lib/access/actor';
import { createAccount, createSection, createUser } from '@/lib/accounts/create';
import { hashPassword } from '@/lib/accounts/passwords';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import { environment } from '@/lib/config/environment';
import type { AccountId, OperationId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { changeTags, wantedPairs } from '@/lib/tags/change';
import { newDiscriminator } from '@/lib/tags/discriminator';
import { nameKey } from '@/lib/tags/names';
import { SOURCES } from '@/lib/tags/source';
import { CITIES, FIRST_NAMES, LAST_NAMES, TAGS, type SampleTag } from './people';

const PROFILES = 2_000;
const OTHER_PROFILES = 120;
const DAY_MS = 86_400_000;

const PEOPLE: { name: string; email: string; role: Role }[] = [
  { name: 'Maja Lindqvist', email: 'owner@example.com', role: 'owner' },
  { name: 'Jonas Berg', email: 'admin@example.com', role: 'admin' },
  { name: 'Aino Virtanen', email: 'marketer@example.com', role: 'user' },
];

/** Makes the demo account where there is no account yet, and says how to sign in. */
export async function seedDemo(say: (line: string) => void): Promise<void> {
  const file = path.join(environment().TAGWELL_DATA_DIR, 'demo-sign-ins.txt');
  if (await maybeOne(pool(), sql`select from account limit 1`)) {
    if (fs.existsSync(file)) say(`Sign in with one of the demo users in ${file}`);
    return;
  }
  const signIns = PEOPLE.map((person) => ({ ...person, password: randomBytes(9).toString('base64url') }));
  await transaction(async (tx) => {
    const accountId = await createAccount(tx, 'Northern Outfitters AB');
    const main = await createSection(tx, accountId, {
      name: 'Northern Outfitters',
      description: 'The shop and its newsletter',
    });
    const other = await createSection(tx, accountId, { name: 'Fjällkök', description: 'The cookery school' });
    const users: UserId[] = [];
    for (const { password, ...person } of signIns) {
      const sections = person.role === 'user' ? [main.id] : 'all';
      users.push(await createUser(tx, accountId, { ...person, passwordHash: await hashPassword(password), sections }));
    }
    await addAttributes(tx, main.id);
    await addProfiles(tx, accountId, main.id, PROFILES, 0);
    await addProfiles(tx, accountId, other.id, OTHER_PROFILES, 60);
    for (const tag of TAGS) await addTag(tx, main.id, tag, users);
    for (const tag of TAGS.slice(0, 6)) await addTag(tx, other.id, tag, users);
  });
  await pool().query('analyze');
  const lines = signIns.map(
    ({ email, password, role }) => `  ${ROLE_NAMES[role].padEnd(14)} ${email.padEnd(22)} ${password}`,
  );
  fs.writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  say(`A demo account with sample data has been made. Sign in as:\n${lines.join('\n')}\n  (also in ${file})`);
}

async function addAttributes(tx: Tx, sectionId: SectionId): Promise<void> {
  const attributes = [
    { code: 'city', name: 'City', type: 'text', choices: [] as string[] },
    { code: 'country', name: 'Country', type: 'text', choices: [] },
    { code: 'tier', name: 'Loyalty tier', type: 'choice', choices: ['Bronze', 'Silver', 'Gold'] },
    { code: 'spend', name: 'Total spend', type: 'number', choices: [] },
    { code: 'lastorder', name: 'Last order', type: 'date', choices: [] },
    { code: 'app', name: 'Has the app', type: 'boolean', choices: [] },
  ];
  for (const { code, name, type, choices } of attributes) {
    await execute(
      tx,
      sql`
        insert into attribute (section_id, code, discriminator, name, name_key, type, choices)
        values (${sectionId}, ${code}, ${newDiscriminator('attributes', name)}, ${name}, ${nameKey(name)},
                ${type}::attribute_type, ${choices})`,
    );
  }
}

/** People made from their number, the same every time; `offset` lets two sections share some of them. */
function person(number: number) {
  const pick = <T>(list: readonly T[], step: number): T =>
    list[(number * step + Math.floor(number / list.length)) % list.length]!;
  const [firstname, lastname] = [pick(FIRST_NAMES, 7), pick(LAST_NAMES, 11)];
  const [city, country] = pick(CITIES, 5);
  const plain = (name: string) =>
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z]/g, '');
  const spend = ((number * 7919) % 1_800_000) / 100;
  const daysAgo = (number * 613) % 365;
  return {
    firstname,
    lastname,
    email: `${plain(firstname)}.${plain(lastname)}${number}@example.com`,
    mobile: number % 3 === 0 ? `4670${String(1_000_000 + number * 37).slice(0, 7)}` : null,
    crmid: number % 2 === 0 ? `NO-${10_000 + number}` : null,
    birthdate: new Date(Date.UTC(1955 + ((number * 3) % 50), number % 12, 1 + (number % 28)))
      .toISOString()
      .slice(0, 10),
    city,
    country,
    tier: spend > 12_000 ? 'Gold' : spend > 5_000 ? 'Silver' : 'Bronze',
    spend,
    lastorder: new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10),
    app: number % 5 < 2,
  };
}

async function addProfiles(
  tx: Tx,
  accountId: AccountId,
  sectionId: SectionId,
  count: number,
  offset: number,
): Promise<void> {
  const people = Array.from({ length: count }, (_, index) => person(index + 1 + offset * 7));
  const own =
    offset === 0
      ? people
      : people.map(({ firstname, lastname, email, mobile, crmid, birthdate }) => ({
          firstname,
          lastname,
          email,
          mobile,
          crmid,
          birthdate,
        }));
  await execute(
    tx,
    sql`
      with made as (
        select nextval('profile_id_seq') as id, jsonb_strip_nulls(person) as attributes,
          now() - make_interval(hours => ((${count}::int - number::int) * 4)) as at
        from jsonb_array_elements(${JSON.stringify(own)}::jsonb) with ordinality given (person, number)
      ),
      profiles as (
        insert into profile (section_id, id, attributes, created_at, updated_at)
        select ${sectionId}::int, id, attributes, at, at from made
      ),
      keys as (
        insert into profile_key (section_id, keyspace_id, key, profile_id)
        select ${sectionId}::int, keyspace.id, made.attributes ->> attribute, made.id
        from made
        join (values ('email', 'email'), ('mobile', 'mobile'), ('crm_id', 'crmid')) follows (kind, attribute) on true
        join keyspace on keyspace.account_id = ${accountId} and keyspace.kind = follows.kind
        where made.attributes ->> attribute is not null
      )
      insert into profile_change (section_id, profile_id, at, created, after, source)
      select ${sectionId}::int, id, at, true, attributes, ${SOURCES.import}::smallint from made`,
  );
}

/** A tag with its history: applied over its months by its source, and lost again by some. */
async function addTag(tx: Tx, sectionId: SectionId, tag: SampleTag, users: readonly UserId[]): Promise<void> {
  const author = users[tag.name.length % users.length]!;
  const first = monthsAgo(tag.months[0]);
  const { id } = await one<{ id: TagId }>(
    tx,
    sql`
      insert into tag (section_id, discriminator, name, name_key, description, created_by, created_at)
      values (${sectionId}, ${newDiscriminator('tags', tag.name)}, ${tag.name}, ${nameKey(tag.name)}, ${tag.description},
              ${author}, ${first})
      returning id`,
  );
  const months = tag.months[0] - tag.months[1] + 1;
  const userId = tag.source === 'form' || tag.source === 'flow' || tag.source === 'api' ? null : author;
  for (let month = 0; month < months; month++) {
    const at = new Date(monthsAgo(tag.months[0] - month).getTime() + (tag.percent % 9) * DAY_MS);
    const when = at.getTime() > Date.now() ? new Date(Date.now() - 3_600_000) : at;
    const due = dueProfiles(sectionId, id, tag.percent, months, month);
    const operationId =
      tag.source === 'import' || tag.source === 'bulk' ? await pastOperation(tx, sectionId, tag, author, when) : null;
    const cause = { sectionId, source: tag.source, userId, operationId, at: when };
    await changeTags(
      tx,
      cause,
      wantedPairs(sql`select id as profile_id, ${id}::int as tag_id, true as apply ${due}`, { removes: false }),
    );
    if (!tag.lost) continue;
    const lostAt = new Date(Math.min(when.getTime() + 25 * DAY_MS, Date.now() - 1_800_000));
    const lost = sql`
      select id as profile_id, ${id}::int as tag_id, false as apply ${due}
        and (hashint8(id * 31 + ${id}::int)::bigint & 1023) < ${tag.lost}::int * 10.24`;
    await changeTags(tx, { ...cause, operationId: null, at: lostAt }, wantedPairs(lost, { removes: true }));
  }
}

/** The profiles whose turn it is in this month: a hash of profile and tag decides who and when. */
function dueProfiles(sectionId: SectionId, tagId: TagId, percent: number, months: number, month: number) {
  return sql`
    from profile
    where section_id = ${sectionId}
      and (hashint8(id * 7919 + ${tagId}::int)::bigint & 1023) < ${percent}::int * 10.24
      and (hashint8(id + ${tagId}::int * 104729)::bigint & 1048575) % ${months}::int = ${month}::int`;
}

async function pastOperation(
  tx: Tx,
  sectionId: SectionId,
  tag: SampleTag,
  userId: UserId,
  at: Date,
): Promise<OperationId> {
  const kind = tag.source === 'import' ? 'import' : 'bulk_tag';
  const file = `${tag.name.toLowerCase().replaceAll(' ', '-')}.csv`;
  const summary = kind === 'import' ? `Import “${file}”` : `Apply “${tag.name}”`;
  const { id } = await one<{ id: OperationId }>(
    tx,
    sql`
      insert into operation (section_id, kind, status, summary, input, user_id, created_at, started_at, finished_at)
      values (${sectionId}, ${kind}, 'done', ${summary}, '{}', ${userId}, ${at}, ${at}, ${at})
      returning id`,
  );
  if (kind === 'bulk_tag') return id;
  await rows(
    tx,
    sql`
      insert into import (section_id, operation_id, status, file_name, user_id, created_at, uploaded_at)
      values (${sectionId}, ${id}, 'done', ${file}, ${userId}, ${at}, ${at})`,
  );
  return id;
}

function monthsAgo(months: number): Date {
  return new Date(Date.now() - months * 30.4 * DAY_MS);
}
