// Audiences of messages: the live count and the freeze of a send, against the same written by hand. Adds consents and
// suppressed addresses to the generated data.
import pg from 'pg';
import { candidates, countAudience, type About } from '@/lib/audience/candidates';
import { openAudience } from '@/lib/audience/open';
import { EVERYONE, type Audience } from '@/lib/audience/schema';
import type { KeyspaceId, SectionId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import type { World } from './generate';
import { absolute, relative, timed, type Line } from './measure';

const ROUNDS = 5;
const FREEZES = 3;
/** Of the live count: half a second at half a million profiles. */
const MS_PER_PROFILE = 500 / 500_000;

type Things = { sectionId: SectionId; emailId: KeyspaceId; topicId: TopicId };

/** Runs everything on the database, which is a copy. */
export async function measureAudience(url: string, { main }: World): Promise<Line[]> {
  const byHand = new pg.Client(url);
  await byHand.connect();
  try {
    const things = await addConsents(byHand, main.sectionId);
    const tag = (nth: number) => ({ kind: 'tag' as const, id: main.tagIds[nth - 1]! });
    const large: Audience = { ...EVERYONE, include: [tag(50), tag(40)], exclude: [tag(9)] };
    const small: Audience = { ...EVERYONE, include: [tag(5), tag(9)], exclude: [tag(3)] };
    const under = main.profiles * MS_PER_PROFILE;
    return [
      ...(await measureCount(byHand, things, 'everyone with consent', EVERYONE, under)),
      ...(await measureCount(byHand, things, 'one of two large tags, not a third', large, under)),
      ...(await measureCount(byHand, things, 'one of two small tags, not a third', small, under)),
      await measureFreeze(byHand, things, large),
    ];
  } finally {
    await byHand.end();
  }
}

/** Of three people two have said something about a topic, most of them yes; every fiftieth address is suppressed. */
async function addConsents(db: pg.Client, sectionId: SectionId): Promise<Things> {
  await db.query('set session_replication_role = replica');
  const topic = await db.query<{ id: TopicId }>(
    `insert into topic (section_id, discriminator, name, name_key)
     values ($1, 'usercreated.topics.bench-news', 'Bench news', 'bench news') returning id`,
    [sectionId],
  );
  const email = await db.query<{ id: KeyspaceId }>(`select id from keyspace where kind = 'email'`);
  const [topicId, emailId] = [topic.rows[0]!.id, email.rows[0]!.id];
  await db.query(
    `insert into consent (section_id, profile_id, topic_id, channel, type)
     select section_id, id, $2, 'email', (array['opt-in', 'opt-in', 'confirmed-opt-in', 'opt-out'])[1 + id % 4]
     from profile where section_id = $1 and hashint8(id) & 1023 < 683 order by id`,
    [sectionId, topicId],
  );
  await db.query(
    `insert into suppression (section_id, channel, address_key, reason, at)
     select section_id, 'email', key, (array['hard', 'complaint', 'manual', 'soft'])[1 + profile_id % 4], now()
     from profile_key where section_id = $1 and keyspace_id = $2 and profile_id % 50 = 7`,
    [sectionId, emailId],
  );
  await db.query('set session_replication_role = origin');
  await db.query('vacuum analyze consent, suppression, profile_key, profile_tag, profile');
  return { sectionId, emailId, topicId };
}

const aboutOf = ({ sectionId, topicId }: Things): About => ({
  sectionId,
  channel: 'email',
  kind: 'marketing',
  topicIds: [topicId],
});

/** Reads each index once, in the order of profile ids. */
function statementByHand({ sectionId, emailId, topicId }: Things, { include, exclude }: Audience): string {
  const tagged = ({ id }: { id: number }) =>
    `(select profile_id from profile_tag where section_id = ${sectionId} and tag_id = ${id})`;
  const members =
    include.length === 0
      ? `select id as profile_id from profile where section_id = ${sectionId}`
      : `select chosen.profile_id from (${include.map(tagged).join(' union ')}) chosen
         where not exists (
           select from profile_tag held
           where held.section_id = ${sectionId} and held.tag_id = ${exclude[0]!.id}
             and held.profile_id = chosen.profile_id
         )`;
  const agreed = (type: string) => `
    (select profile_id from consent
     where section_id = ${sectionId} and topic_id = ${topicId} and channel = 'email' and type = '${type}')`;
  return `
    select m.profile_id, k.key,
      case
        when k.profile_id is null then 'noAddress'
        when c.profile_id is null then 'noConsent'
        when s.profile_id is not null then 'suppressed'
        else 'gets'
      end as reason
    from (${members}) m
    left join profile_key k on k.section_id = ${sectionId} and k.keyspace_id = ${emailId} and k.profile_id = m.profile_id
    left join (${agreed('opt-in')} union ${agreed('confirmed-opt-in')}) c on c.profile_id = m.profile_id
    left join (
      select own.profile_id from suppression
      join profile_key own on own.section_id = ${sectionId} and own.keyspace_id = ${emailId} and own.key = address_key
      where suppression.section_id = ${sectionId} and channel = 'email' and lifted_at is null
    ) s on s.profile_id = m.profile_id`;
}

async function measureCount(
  byHand: pg.Client,
  things: Things,
  work: string,
  audience: Audience,
  under: number,
): Promise<Line[]> {
  const about = aboutOf(things);
  const statement = `select reason, count(*) from (${statementByHand(things, audience)}) asked group by reason`;
  /** As the page does: what was chosen is looked up, then counted. */
  const ask = async () =>
    countAudience(pool(), await openAudience(pool(), about.sectionId, audience), about, new Date());
  const { rows: answered } = await byHand.query<{ reason: string; count: string }>(statement);
  const counts = await ask();
  for (const { reason, count } of answered) {
    const counted = counts[reason as keyof typeof counts];
    if (counted !== Number(count)) throw new Error(`${work}, ${reason}: ${counted} is not ${count}`);
  }
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const limit = await timed(() => byHand.query(statement));
    rounds.push({ value: await timed(ask), limit });
  }
  const line = { work: `audience count: ${work}`, unit: 'ms' as const };
  const number = counts.matches.toLocaleString('en-GB');
  return [
    relative({ ...line, limit: 'the same by hand', atMost: 1.5 }, rounds),
    absolute(
      `audience count: ${work} (${number} match), median`,
      rounds.map(({ value }) => value),
      under,
      0.5,
    ),
  ];
}

const RECIPIENT = 'insert into recipient (section_id, send_id, profile_id, state, address, address_key)';

/** The rows of a send from the relation, and from the statement by hand. Both are rolled back. */
async function measureFreeze(byHand: pg.Client, things: Things, audience: Audience): Promise<Line> {
  const { sectionId } = things;
  const about = aboutOf(things);
  const open = await openAudience(pool(), about.sectionId, audience);
  const ours = candidates(open, about, new Date()).compile();
  const insert = (candidate: string, key: string) => `
    ${RECIPIENT}
    select ${sectionId}, 1, profile_id, 'waiting', ${key}, ${key}
    from (${candidate}) candidate where reason = 'gets' order by profile_id`;
  const rolledBack = async (text: string, values: unknown[]): Promise<{ ms: number; written: number }> => {
    await byHand.query(`begin; set local session_replication_role = replica`);
    let written = 0;
    const ms = await timed(async () => {
      written = (await byHand.query(text, values)).rowCount ?? 0;
    });
    await byHand.query('rollback');
    await byHand.query('vacuum recipient');
    return { ms, written };
  };
  const rounds: { value: number; limit: number }[] = [];
  let people = 0;
  for (let round = 0; round < FREEZES; round++) {
    const limit = await rolledBack(insert(statementByHand(things, audience), 'key'), []);
    const value = await rolledBack(insert(ours.text, 'address_key'), ours.values);
    if (limit.written !== value.written) throw new Error(`${value.written} recipients instead of ${limit.written}`);
    people = value.written;
    rounds.push({ value: value.ms, limit: limit.ms });
  }
  const work = `audience frozen: ${people.toLocaleString('en-GB')} recipients`;
  return relative({ work, unit: 'ms', limit: 'the same by hand', atMost: 1.5 }, rounds);
}
