// Segments: counts against the same query written by hand, the first page for any rules, an export against COPY TO, and
// the benefit and cost of an index on an attribute. Works on the generated data, and reverts what the index measurement
// writes.
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { SystemActor } from '@/lib/access/actor';
import { withTimeout } from '@/lib/access/with-timeout';
import type { AccountId, AttributeId, EventTypeId, KeyspaceId, ProfileId, SectionId } from '@/lib/db/ids';
import { listIndexes, settleIndex } from '@/lib/attributes/value-index';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { openRules, type Opened } from '@/lib/segments/definitions';
import { exportColumns } from '@/lib/profiles/export';
import { exportMembers } from '@/lib/segments/export';
import { countMembers, listMembers } from '@/lib/segments/members';
import { RulesSchema } from '@/lib/segments/schema';
import { tagOverlap } from '@/lib/tags/overlap';
import type { World } from './generate';
import { absolute, median, relative, timed, type Line } from './measure';

const WARM_UP = 3;
const ROUNDS = 15;
const EXPORTS = 3;

type Rule = object;
const group = (match: 'all' | 'any' | 'none', ...items: Rule[]): Rule => ({ kind: 'group', match, items });
const last = (count: number, unit = 'days') => ({ kind: 'last', count, unit });

/** The things that the rules refer to. */
type Things = {
  sectionId: SectionId;
  tag: (nth: number, test?: string, more?: object) => Rule;
  attribute: (code: string, compare: object) => Rule;
  opened: (test: 'did' | 'did_not', more?: object) => Rule;
  hasKey: Rule;
};

export async function measureSegments(url: string, world: World): Promise<Line[]> {
  const things = await findThings(world);
  return [
    ...(await measureCounts(url, world, things)),
    ...(await measurePages(things)),
    ...(await measureExport(url, things)),
    ...(await measureOverlap(world)),
    ...(await measureIndex(things)),
  ];
}

async function findThings({ main }: World): Promise<Things> {
  const { sectionId, tagIds } = main;
  const attributes = await rows<{ id: AttributeId; code: string }>(
    pool(),
    sql`select id, code from attribute where section_id = ${sectionId}`,
  );
  const event = await one<{ id: EventTypeId }>(pool(), sql`select id from event_type where section_id = ${sectionId}`);
  const email = await one<{ id: KeyspaceId }>(pool(), sql`select id from keyspace where kind = 'email'`);
  return {
    sectionId,
    tag: (nth, test = 'has', more = {}) => ({ kind: 'tag', tagId: tagIds[nth - 1], test, ...more }),
    attribute: (code, compare) => ({
      kind: 'attribute',
      attributeId: attributes.find((item) => item.code === code)!.id,
      compare,
    }),
    opened: (test, more = {}) => ({ kind: 'event', eventTypeId: event.id, test, when: last(90), ...more }),
    hasKey: { kind: 'profile', test: 'has_key', keyspaceId: email.id },
  };
}

const rulesOf = (rule: Rule) => RulesSchema.parse({ timeZone: 'Europe/Stockholm', root: group('all', rule) });

/** The actor. Only its limit and account matter. */
const benchActor = (accountId: AccountId): SystemActor => ({
  kind: 'system',
  accountId,
  name: 'bench',
  from: { ip: null, userAgent: null },
});

async function open({ sectionId }: Things, rule: Rule): Promise<Opened> {
  const rules = rulesOf(rule);
  return { rules, definitions: await openRules(pool(), sectionId, rules) };
}

/** As the builder does: parses the rules, resolves what they refer to, then counts. */
const ask = ({ sectionId }: Things, rule: Rule) =>
  withTimeout({ actor: benchActor(1 as AccountId) }, async (db) => {
    const rules = rulesOf(rule);
    return countMembers(db, sectionId, { rules, definitions: await openRules(db, sectionId, rules) });
  });

async function times(work: () => Promise<unknown>, rounds = ROUNDS): Promise<number[]> {
  for (let round = 0; round < WARM_UP; round++) await work();
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await timed(work));
  return found;
}

async function measureCounts(url: string, { main }: World, things: Things): Promise<Line[]> {
  const { tag, attribute } = things;
  const id = (nth: number) => main.tagIds[nth - 1]!;
  const byHand = new pg.Client(url);
  await byHand.connect();
  try {
    const compare = async (work: string, rule: Rule, statement: string, under: number): Promise<Line[]> => {
      const { rows: answered } = await byHand.query<{ count: string }>(statement);
      const counted = await ask(things, rule);
      if (counted !== Number(answered[0]!.count)) throw new Error(`${work}: ${counted} is not ${answered[0]!.count}`);
      const rounds: { value: number; limit: number }[] = [];
      await times(() => ask(things, rule), 1);
      for (let round = 0; round < ROUNDS; round++) {
        const limit = await timed(() => byHand.query(statement));
        rounds.push({ value: await timed(() => ask(things, rule)), limit });
      }
      const line = { work: `segment count: ${work}`, unit: 'ms' as const };
      const ours = rounds.map(({ value }) => value);
      return [
        relative({ ...line, limit: 'the same by hand', atMost: 1.2 }, rounds),
        absolute(`segment count: ${work}, median`, ours, under, 0.5),
      ];
    };
    const tags = `
      from profile_tag a
      join profile_tag b on b.section_id = a.section_id and b.profile_id = a.profile_id and b.tag_id = ${id(30)}
      where a.section_id = ${main.sectionId} and a.tag_id = ${id(20)}
        and not exists (
          select from profile_tag c
          where c.section_id = a.section_id and c.tag_id = ${id(40)} and c.profile_id = a.profile_id
        )`;
    const three = [tag(20), tag(30), tag(40, 'has_not')];
    return [
      ...(await compare('two tags and not a third', group('all', ...three), `select count(*) ${tags}`, 100)),
      ...(await compare(
        'the same and a range of dates',
        group(
          'all',
          ...three,
          attribute('birthdate', { test: 'dates_between', fromDate: '1980-01-01', toDate: '1989-12-31' }),
        ),
        `select count(*) ${tags.replace('where', `join profile p on p.section_id = a.section_id and p.id = a.profile_id where`)}
           and p.attributes ->> 'birthdate' >= '1980-01-01' and p.attributes ->> 'birthdate' <= '1989-12-31'`,
        300,
      )),
      absolute('segment count: has not a tag, median', await times(() => ask(things, tag(25, 'has_not'))), 50, 0.5),
      await plain(things, 'VIP or Partner, not another, Sweden, opened nothing in 90 days', example(things)),
      await plain(things, 'an attribute alone', attribute('country', { test: 'is', text: 'Sweden' })),
      await plain(things, 'opened something in 90 days', things.opened('did')),
      await plain(things, 'got a tag in the last 30 days', tag(25, 'got', { when: last(30) })),
    ];
  } finally {
    await byHand.end();
  }
}

/** The example of the issue. */
const example = ({ tag, attribute, opened }: Things): Rule =>
  group(
    'all',
    group('any', tag(5), tag(9)),
    tag(3, 'has_not'),
    attribute('country', { test: 'is', text: 'Sweden' }),
    opened('did_not'),
  );

/** A count without a limit, for information. */
async function plain(things: Things, work: string, rule: Rule): Promise<Line> {
  const found = await times(() => ask(things, rule), 5);
  return { ...absolute(`segment count: ${work}, median`, found, Infinity, 0.5), goal: 'to know' };
}

async function measurePages(things: Things): Promise<Line[]> {
  const { tag, attribute, opened, hasKey } = things;
  const noMatches = attribute('country', { test: 'is', text: 'Atlantis' });
  const kinds: [string, Rule][] = [
    ['a tag', tag(25)],
    ['not a tag', tag(25, 'has_not')],
    ['two tags and not a third', group('all', tag(20), tag(30), tag(40, 'has_not'))],
    ['any of three tags', group('any', tag(20), tag(30), tag(40))],
    ['none of three tags', group('none', tag(20), tag(30), tag(40))],
    ['four tags that hardly anybody has', group('all', tag(1), tag(2), tag(3), tag(4))],
    ['a tag from a source', tag(25, 'has', { source: 'bulk' })],
    ['got a tag in 30 days', tag(25, 'got', { when: last(30) })],
    ['got a tag from a source at any time', tag(25, 'got', { source: 'bulk' })],
    ['lost a tag at any time', tag(25, 'lost')],
    ['an attribute', attribute('country', { test: 'is', text: 'Sweden' })],
    ['a range of numbers', attribute('spend', { test: 'between', from: 100, to: 5_000 })],
    ['a tag or an attribute', group('any', tag(9), attribute('country', { test: 'is', text: 'Sweden' }))],
    ['opened in 90 days', opened('did')],
    ['did not open in 90 days', opened('did_not')],
    ['opened twice in 90 days', opened('did', { times: { is: 'at_least', count: 2 } })],
    ['has a key', hasKey],
    ['the example', example(things)],
    ['an attribute that nobody has', noMatches],
    ['two tags, and an attribute that nobody has', group('all', tag(20), tag(30), noMatches)],
  ];
  const lines: Line[] = [];
  for (const [work, rule] of kinds) {
    const rules = await open(things, rule);
    const found = await times(() => listMembers(pool(), things.sectionId, rules), 7);
    lines.push(absolute(`segment page: ${work}, median`, found, 50, 0.5));
  }
  return lines;
}

/** Half of everyone, all columns: against one COPY TO that writes the same file. */
async function measureExport(url: string, things: Things): Promise<Line[]> {
  const { sectionId, tag } = things;
  const { id: accountId } = await one<{ id: AccountId }>(
    pool(),
    sql`select account_id as id from section where id = ${sectionId}`,
  );
  const opened = await open(things, group('none', tag(20), tag(50)));
  const members = await countMembers(pool(), sectionId, opened);
  const columns = await exportColumns(sectionId, accountId);
  const ids = (kind: string) => columns.flatMap(({ id }) => (id.startsWith(`${kind}:`) ? [id.split(':')[1]!] : []));
  const keys = ids('key').map((id) => `max(key) filter (where keyspace_id = ${id}) as key${id}`);
  const values = ids('attribute').map((code) => `p.attributes ->> '${code}'`);
  const tagId = (nth: number) => (tag(nth) as { tagId: number }).tagId;
  const statement = `
    copy (
      select ${[...ids('key').map((id) => `k.key${id}`), ...values].join(', ')}, t.tags, p.created_at, p.updated_at
      from profile p
      left join (
        select profile_id, ${keys.join(', ')} from profile_key where section_id = ${sectionId} group by profile_id
      ) k on k.profile_id = p.id
      left join (
        select profile_id, string_agg(name, '|' order by name_key) as tags
        from profile_tag held join tag on tag.section_id = held.section_id and tag.id = held.tag_id
        where held.section_id = ${sectionId} and hidden_at is null
        group by profile_id
      ) t on t.profile_id = p.id
      where p.section_id = ${sectionId}
        and not exists (select from profile_tag a where a.section_id = p.section_id and a.tag_id = ${tagId(20)} and a.profile_id = p.id)
        and not exists (select from profile_tag b where b.section_id = p.section_id and b.tag_id = ${tagId(50)} and b.profile_id = p.id)
    ) to stdout (format csv)`;
  const byHand = new pg.Client(url);
  await byHand.connect();
  const rounds: { value: number; limit: number }[] = [];
  let memory = 0;
  try {
    for (let round = 0; round < EXPORTS; round++) {
      const limit = await timed(() => pipeline(byHand.query(copyTo(statement)), nowhere()));
      const before = process.memoryUsage().rss;
      let lines = 0;
      const value = await timed(async () => {
        for await (const part of await exportMembers({ actor: benchActor(accountId), sectionId }, opened, {
          columns: [],
        })) {
          for (let at = part.indexOf('\r\n'); at >= 0; at = part.indexOf('\r\n', at + 2)) lines += 1;
          memory = Math.max(memory, (process.memoryUsage().rss - before) / 1_048_576);
        }
      });
      if (lines !== members + 1) throw new Error(`The export has ${lines} lines instead of ${members + 1}.`);
      rounds.push({ value, limit });
    }
  } finally {
    await byHand.end();
  }
  const number = members.toLocaleString('en-GB');
  return [
    relative(
      {
        work: `segment export: ${number} members, ${columns.length} columns`,
        unit: 'ms',
        limit: 'COPY TO by hand',
        atMost: 1.5,
      },
      rounds,
    ),
    {
      work: 'segment export: memory that it took',
      limit: null,
      value: memory,
      unit: 'MB',
      ratio: null,
      goal: 'to know',
      met: true,
      rounds: [{ value: memory }],
    },
  ];
}

const nowhere = () => new Writable({ write: (_part, _encoding, done) => done() });

async function measureOverlap({ main }: World): Promise<Line[]> {
  const lines: Line[] = [];
  for (const count of [6, 12, 30]) {
    const ids = main.tagIds.slice(-count);
    const found = await times(
      () => withTimeout({ actor: benchActor(1 as AccountId) }, (db) => tagOverlap(db, main.sectionId, ids)),
      3,
    );
    lines.push({ ...absolute(`tag overlap: ${count} tags, median`, found, Infinity, 0.5), goal: 'to know' });
  }
  return lines;
}

/**
 * What plain tables cannot do: find the few profiles with a value of an attribute without reading all. An index on the
 * attribute can; this measures its benefit, and its cost to build and maintain.
 */
async function measureIndex(things: Things): Promise<Line[]> {
  const { sectionId, attribute } = things;
  const rule = attribute('country', { test: 'is', text: 'Atlantis' });
  const { id: attributeId } = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'country'`,
  );
  const opened = await open(things, rule);
  const toKnow = (work: string, found: number[]): Line => ({
    ...absolute(`with an index of the attribute: ${work}`, found, Infinity, 0.5),
    goal: 'to know',
  });
  const before = await rows<{ id: ProfileId; attributes: object }>(
    pool(),
    sql`select id, attributes from profile where section_id = ${sectionId} order by id limit 20000`,
  );
  const ids = before.map(({ id }) => id);
  const change = () =>
    execute(
      pool(),
      sql`
        update profile set attributes = attributes || '{"country":"Iceland"}'
        where section_id = ${sectionId} and id = any(${ids}::bigint[])`,
    );
  try {
    const plainWrites = await times(change, 3);
    await execute(
      pool(),
      sql`insert into attribute_index (section_id, attribute_id, status) values (${sectionId}, ${attributeId}, 'building')`,
    );
    const made = await timed(() => settleIndex(sectionId, attributeId));
    const [index] = await listIndexes(pool(), sectionId);
    return [
      toKnow('making it', [made]),
      { ...toKnow('its size', [index!.bytes! / 1_048_576]), unit: 'MB' as const },
      toKnow('count of a value that nobody has, median', await times(() => ask(things, rule), 5)),
      toKnow('page of a value that nobody has, median', await times(() => listMembers(pool(), sectionId, opened), 5)),
      toKnow('20,000 values written without it, median', [median(plainWrites)]),
      toKnow('20,000 values written with it, median', await times(change, 3)),
    ];
  } finally {
    await execute(
      pool(),
      sql`delete from attribute_index where section_id = ${sectionId} and attribute_id = ${attributeId}`,
    );
    await settleIndex(sectionId, attributeId);
    await putBack(sectionId, before);
  }
}

/** Restores the profiles' attributes. */
function putBack(sectionId: SectionId, before: readonly { id: ProfileId; attributes: object }[]): Promise<number> {
  return execute(
    pool(),
    sql`
      update profile set attributes = was.attributes
      from unnest(
        ${before.map(({ id }) => id)}::bigint[], ${before.map(({ attributes }) => JSON.stringify(attributes))}::jsonb[]
      ) was (id, attributes)
      where profile.section_id = ${sectionId} and profile.id = was.id`,
  );
}
