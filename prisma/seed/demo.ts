// The demo account: one user of each role, two sections, 2,000 made-up profiles and a year of tags from several
// sources. Only in the embedded database, at its first start.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Role, UserActor } from '@/lib/access/actor';
import { createAccount, createSection, createUser } from '@/lib/accounts/create';
import { hashPassword } from '@/lib/accounts/passwords';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import { environment } from '@/lib/config/environment';
import type { OperationId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { replaceFile } from '@/lib/db/embedded-files';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import { changeTags, wantedPairs } from '@/lib/tags/change';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { nameKey } from '@/lib/naming/names';
import { addConsents } from './consents';
import { CITIES, FIRST_NAMES, LAST_NAMES, TAGS, type SampleTag } from './people';
import { addForms } from './forms';
import { endImport, endOperation, pastImport, pastOperation, type SectionRef } from './past';
import { addSegments } from './segments';

const PROFILES = 2_000;
const OTHER_PROFILES = 120;
const PROFILES_PER_SUBMISSION = 40;
/** When the first profiles were imported; the first tags followed soon after. */
const DAYS = 400;
/** The share of the profiles that came with that import. The others came one by one since. */
const IMPORTED = 0.4;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const PEOPLE: { name: string; email: string; role: Role }[] = [
  { name: 'Maja Lindqvist', email: 'owner@example.com', role: 'owner' },
  { name: 'Jonas Berg', email: 'admin@example.com', role: 'admin' },
  { name: 'Aino Virtanen', email: 'marketer@example.com', role: 'user' },
];

/**
 * Creates the demo account if there is no account yet, and reports how to sign in. `profiles`: the number in the first
 * section. `submissions`: how many its form has.
 */
export async function seedDemo(
  report: (line: string) => void,
  { profiles = PROFILES, submissions = Math.ceil(profiles / PROFILES_PER_SUBMISSION) } = {},
): Promise<void> {
  const file = path.join(environment().TAGWELL_DATA_DIR, 'demo-sign-ins.txt');
  if (await maybeOne(pool(), sql`select from account limit 1`)) {
    if (fs.existsSync(file)) report(`Sign in with one of the demo users in ${file}`);
    return;
  }
  const signIns = PEOPLE.map((person) => ({ ...person, password: randomBytes(9).toString('base64url') }));
  const lines = signIns.map(
    ({ email, password, role }) => `  ${ROLE_NAMES[role].padEnd(14)} ${email.padEnd(22)} ${password}`,
  );
  // Before the account exists: an interrupted start must not leave an account that nobody can sign in to.
  replaceFile(file, `${lines.join('\n')}\n`);
  const { accountId, sectionId, ownerId } = await transaction(async (tx) => {
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
    await addProfiles(tx, { accountId, sectionId: main.id }, { count: profiles, offset: 0, importer: users[1]! });
    await addProfiles(
      tx,
      { accountId, sectionId: other.id },
      { count: OTHER_PROFILES, offset: 60, importer: users[0]! },
    );
    await addTags(tx, { accountId, sectionId: main.id }, TAGS, users);
    await addTags(tx, { accountId, sectionId: other.id }, TAGS.slice(0, 6), users);
    await addConsents(tx, main.id);
    return { accountId, sectionId: main.id, ownerId: users[0]! };
  });
  await pool().query('analyze');
  const [{ name, email, role }] = PEOPLE as [(typeof PEOPLE)[number]];
  const from = { ip: null, userAgent: null };
  const owner: UserActor = { kind: 'user', userId: ownerId, accountId, role, name, email, sections: 'all', from };
  await addSegments(owner, sectionId);
  await addForms(owner, sectionId, submissions);
  report(`A demo account with sample data has been made. Sign in as:\n${lines.join('\n')}\n  (also in ${file})`);
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

/** Each of these numbers is a person who is there twice, by name and birthday; a third of them by mailbox too. */
const TWICE = 150;

/** People generated from a number, the same every time; `offset` lets two sections share some of them. */
function person(number: number): ReturnType<typeof newPerson> {
  const own = newPerson(number);
  if (number % TWICE > 0) return own;
  const { firstname, lastname, birthdate, email } = newPerson(number - 1);
  const mailbox = number % (3 * TWICE) === 0 ? { email: email.replace('@', '+offers@') } : {};
  return { ...own, firstname, lastname, birthdate, ...mailbox };
}

function newPerson(number: number) {
  const pick = <T>(list: readonly T[], step: number): T =>
    list[(number * step + Math.floor(number / list.length)) % list.length]!;
  const [firstname, lastname] = [pick(FIRST_NAMES, 7), pick(LAST_NAMES, 11)];
  const [city, country] = pick(CITIES, 5);
  const plain = (name: string) =>
    name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll('ø', 'o')
      .replaceAll('æ', 'ae')
      .replaceAll('ł', 'l')
      .replace(/[^a-z]/g, '');
  const spend = ((number * 7919) % 1_800_000) / 100;
  const sinceOrder = (number * 613) % 365;
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
    lastorder: new Date(Date.now() - sinceOrder * DAY_MS).toISOString().slice(0, 10),
    app: number % 5 < 2,
  };
}

type NewPeople = { count: number; offset: number; importer: UserId };

async function addProfiles(tx: Tx, place: SectionRef, { count, offset, importer }: NewPeople): Promise<void> {
  const { accountId, sectionId } = place;
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
  const ids = await reserveProfileIds(tx, count);
  const create = (source: 'import' | 'api', operationId: OperationId | null, from: number, to: number) =>
    createProfiles(
      tx,
      { sectionId, source, userId: operationId === null ? null : importer, operationId },
      {
        dated: true,
        profiles: sql`
          select id as profile_id, jsonb_strip_nulls(person) as attributes, jsonb_strip_nulls(person) as noted,
            ${new Date()}::timestamptz - make_interval(
              mins => (least(1, (${count - from}::int - number) / ${count * (1 - IMPORTED)}::float8) * ${DAYS * 1_440}::int)::int
            ) as at
          from unnest(${ids.slice(from, to)}::bigint[]) with ordinality made (id, number)
          join jsonb_array_elements(${JSON.stringify(own.slice(from, to))}::jsonb)
            with ordinality given (person, number) using (number)`,
        keys: sql`
          select wanted.profile_id, keyspace.id as keyspace_id, wanted.attributes ->> attribute as key, 0 as slot
          from wanted
          join (values ('email', 'email'), ('mobile', 'mobile'), ('crm_id', 'crmid')) follows (kind, attribute) on true
          join keyspace on keyspace.account_id = ${accountId} and keyspace.kind = follows.kind
          where wanted.attributes ->> attribute is not null`,
      },
    );
  const imported = Math.round(count * IMPORTED);
  const operationId = await pastImport(tx, place, {
    file: 'customers.csv',
    apply: [],
    author: importer,
    at: daysAgo(DAYS),
  });
  await create('import', operationId, 0, imported);
  await endImport(tx, sectionId, operationId, { rows: imported, created: imported });
  await create('api', null, imported, count);
}

type Event = {
  tag: SampleTag;
  id: TagId;
  author: UserId;
  /** The time of its first step, and the number of days between steps. */
  first: Date;
  every: number;
  step: number;
  steps: number;
  at: Date;
  lost: boolean;
};

/** Creates the tags, then their history in order of time: applied by their sources, and removed again from some. */
async function addTags(tx: Tx, place: SectionRef, tags: readonly SampleTag[], users: readonly UserId[]): Promise<void> {
  const events: Event[] = [];
  for (const tag of tags) {
    const author = users[tag.name.length % users.length]!;
    const id = await addTag(tx, place, tag, author);
    const byOperation = tag.source === 'import' || tag.source === 'bulk';
    const every = byOperation ? 30 : 4;
    const days = (tag.months[0] - tag.months[1]) * 30.4;
    const steps = Math.floor(days / every) + 1;
    const first = new Date(daysAgo(tag.months[0] * 30.4).getTime() + ((tag.percent * 7) % 11) * HOUR_MS);
    for (let step = 0; step < steps; step++) {
      const at = new Date(first.getTime() + step * every * DAY_MS);
      const event = { tag, id, author, first, every, step, steps };
      events.push({ ...event, at, lost: false });
      if (tag.lost) events.push({ ...event, at: new Date(at.getTime() + 25 * DAY_MS), lost: true });
    }
  }
  const happened = events.filter(({ at }) => at.getTime() < Date.now());
  for (const event of happened.sort((left, right) => left.at.getTime() - right.at.getTime())) {
    await (event.lost ? lose(tx, place, event) : apply(tx, place, event));
  }
}

async function addTag(tx: Tx, { sectionId }: SectionRef, tag: SampleTag, author: UserId): Promise<TagId> {
  const { id } = await one<{ id: TagId }>(
    tx,
    sql`
      insert into tag
        (section_id, discriminator, name, name_key, description, owner_note, colour, group_name, created_by, created_at)
      values (${sectionId}, ${newDiscriminator('tags', tag.name)}, ${tag.name}, ${nameKey(tag.name)}, ${tag.description},
              ${tag.owner ?? ''}, ${tag.colour ?? null}, ${tag.group ?? ''}, ${author}, ${daysAgo(tag.months[0] * 30.4 + 1)})
      returning id`,
  );
  return id;
}

async function apply(tx: Tx, place: SectionRef, event: Event): Promise<void> {
  const { tag, id, author, at } = event;
  const { sectionId } = place;
  const byOperation = tag.source === 'import' || tag.source === 'bulk';
  if (byOperation && !(await maybeOne(tx, sql`select ${due(place, event)} limit 1`))) return;
  const file = `${tag.name.toLowerCase().replaceAll(' ', '-')}.csv`;
  const operationId = !byOperation
    ? null
    : tag.source === 'import'
      ? await pastImport(tx, place, { file, apply: [id], author, at })
      : await pastOperation(tx, place, { kind: 'bulk_tag', summary: `Apply “${tag.name}”`, author, at });
  const userId = tag.source === 'form' || tag.source === 'flow' || tag.source === 'api' ? null : author;
  const wanted = wantedPairs(sql`select id as profile_id, ${id}::int as tag_id, true as apply ${due(place, event)}`, {
    removes: false,
  });
  const { applied } = await changeTags(tx, { sectionId, source: tag.source, userId, operationId, at }, wanted);
  if (operationId === null) return;
  if (tag.source === 'import') {
    return endImport(tx, sectionId, operationId, { rows: applied, unchanged: applied, applied });
  }
  await endOperation(tx, sectionId, operationId, { profiles: applied, applied });
  const words = `: ${applied} ${applied === 1 ? 'profile' : 'profiles'}`;
  await execute(
    tx,
    sql`update operation set summary = summary || ${words} where section_id = ${sectionId} and id = ${operationId}`,
  );
}

async function lose(tx: Tx, place: SectionRef, event: Event): Promise<void> {
  const { tag, id, author, at } = event;
  const userId = tag.source === 'user' ? author : null;
  const lost = sql`
    select id as profile_id, ${id}::int as tag_id, false as apply ${due(place, event)}
      and (hashint8(id * 31 + ${id}::int)::bigint & 1023) < ${tag.lost}::int * 10.24`;
  const source = tag.source === 'form' ? 'api' : tag.source;
  await changeTags(tx, { sectionId: place.sectionId, source, userId, at }, wantedPairs(lost, { removes: true }));
}

/**
 * The profiles of this step. A hash of profile and tag decides who and when; a profile created later has its step soon
 * after it was created.
 */
function due({ sectionId }: SectionRef, { tag, id, first, every, step, steps }: Event) {
  const came = sql`ceil(extract(epoch from created_at - ${first}::timestamptz) / (${every}::int * 86400))`;
  return sql`
    from profile
    where section_id = ${sectionId}
      and (hashint8(id * 7919 + ${id}::int)::bigint & 1023) < ${tag.percent}::int * 10.24
      and greatest(
        (hashint8(id + ${id}::int * 104729)::bigint & 1048575) % ${steps}::int,
        ${came} + (hashint8(id * 17)::bigint & 1)
      ) = ${step}::int`;
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * DAY_MS);
}
