// Which answers are those of machines: gateways that open every link of a mail to look for danger, and mail programs that load pictures
// before anybody reads. What came is kept as it came (recipient_event), and the rule can be run over it again.
import { isbot } from 'isbot';
import type { MessageId, ProfileId, SectionId, SendId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';

/** So many different addresses of one mail in so many seconds are not read by a person. */
const BURST = { addresses: 3, seconds: 5 };
/** Nobody reads and presses within two seconds of the moment when the mailbox took the mail. */
const AT_ONCE_SECONDS = 2;
/** An answer may turn out to be the first of a burst until then. */
export const KNOWN_AFTER_MS = BURST.seconds * 1_000 + 1_000;
/** Into so many parts a send's people who opened and clicked are counted: connections seldom wait for each other. */
const PARTS = 16;

export type Answer = 'opened' | 'clicked' | 'looked';

/** These load the pictures of a mail when its reader opens it, not before. */
const READERS_PROXY = /GoogleImageProxy|YahooMailProxy/i;
/** Apple's mail programs load all pictures of all mails, and say no more than this. */
const APPLE_PROXY = /^Mozilla\/5\.0$/;

/** Why an agent is a machine, or null. */
function machineAgent(kind: Answer, agent: string): string | null {
  if (agent === '') return 'agent';
  if (kind === 'opened' && READERS_PROXY.test(agent)) return null;
  if (kind === 'opened' && APPLE_PROXY.test(agent)) return 'apple';
  return isbot(agent) ? 'agent' : null;
}

/**
 * Runs the rule over all that some recipients did, and counts what remains for each. `numbers`: of recipients of one section, as `= any(…)` takes
 * them; the caller has locked them. What was asked for by HEAD stays a machine's. A person's click says that the mail was opened.
 */
export async function judge(db: Db, sectionId: SectionId, numbers: Sql, now: Date): Promise<void> {
  const agents = await rows<{ kind: Answer; agent: string }>(
    db,
    sql`
      select distinct kind, agent from recipient_event
      where section_id = ${sectionId} and number = any(${numbers}) and kind in ('opened', 'clicked', 'looked')`,
  );
  const known = agents.flatMap(({ kind, agent }) => {
    const why = machineAgent(kind, agent);
    return why === null ? [] : [{ kind, agent, why }];
  });
  const seconds = sql`make_interval(secs => ${BURST.seconds})`;
  const answered = await rows<Answered>(
    db,
    sql`
      with mine as materialized (
        select event.id, event.number, event.kind, event.link, event.at, event.machine, event.why, event.agent, recipient.ended_at,
          recipient.opened_at, recipient.clicked_at
        from recipient_event event
        join recipient on recipient.section_id = ${sectionId} and recipient.number = event.number
        where event.section_id = ${sectionId} and event.number = any(${numbers})
          and event.kind in ('opened', 'clicked', 'looked')
      ),
      -- By windows over each recipient's own: a gateway opens every link of a thousand mails at once.
      counted_near as (
        select mine.*, mine.kind <> 'opened' and (
          select count(distinct near.link) from unnest(mine.links) near (link)
        ) >= ${BURST.addresses} as in_burst
        from (
          select mine.*, array_agg(mine.link) filter (where mine.kind <> 'opened') over (
            partition by mine.number order by mine.at range between ${seconds} preceding and ${seconds} following
          ) as links
          from mine
        ) mine
      ),
      beside as (
        select counted_near.*,
          max(at) filter (where in_burst) over (partition by number order by at) as burst_before,
          min(at) filter (where in_burst) over (partition by number order by at desc) as burst_after
        from counted_near
      ),
      machines as materialized (
        select mine.id, mine.number, mine.kind, mine.at, mine.machine, mine.why, mine.opened_at, mine.clicked_at, case
          when mine.why = 'head' then 'head'
          when known.why is not null then known.why
          when mine.at <= mine.burst_before + ${seconds} or mine.at >= mine.burst_after - ${seconds} then 'burst'
          when mine.kind <> 'opened' and mine.at < mine.ended_at + make_interval(secs => ${AT_ONCE_SECONDS}) then 'at_once'
        end as now_why
        from beside mine
        left join unnest(
          ${known.map(({ kind }) => kind)}::text[], ${known.map(({ agent }) => agent)}::text[],
          ${known.map(({ why }) => why)}::text[]
        ) known (kind, agent, why) on known.kind = mine.kind and known.agent = mine.agent
      ),
      written as (
        update recipient_event event set machine = machines.now_why is not null, why = machines.now_why
        from machines
        where event.section_id = ${sectionId} and event.id = machines.id
          and (machines.now_why is distinct from machines.why or machines.machine <> (machines.now_why is not null))
      ),
      counted as materialized (
        select number,
          count(*) filter (where kind = 'opened' and now_why is null) as opens,
          count(*) filter (where kind = 'opened' and now_why is not null) as machine_opens,
          count(*) filter (where kind = 'clicked' and now_why is null) as clicks,
          count(*) filter (where kind = 'clicked' and now_why is not null) as machine_clicks,
          min(at) filter (where kind in ('opened', 'clicked') and now_why is null) as opened_at,
          min(at) filter (where kind = 'clicked' and now_why is null) as clicked_at,
          (max(opened_at) is not null)::int as had_opened, (max(clicked_at) is not null)::int as had_clicked
        from machines
        group by number
      ),
      judged as (
        update recipient
        set opens = counted.opens, machine_opens = counted.machine_opens, clicks = counted.clicks,
          machine_clicks = counted.machine_clicks, opened_at = counted.opened_at, clicked_at = counted.clicked_at,
          -- Whatever loads the mail's picture or follows its links, has got the mail.
          state = case when recipient.state = 'unknown' then 'sent' else recipient.state end,
          why = case when recipient.state <> 'unknown' then recipient.why end
        from counted
        where recipient.section_id = ${sectionId} and recipient.number = counted.number
        returning recipient.profile_id, recipient.send_id, (recipient.opened_at is not null)::int - counted.had_opened as opened,
          (recipient.clicked_at is not null)::int - counted.had_clicked as clicked
      ),
      responded as (
        insert into send_response as known (section_id, send_id, part, opened, clicked)
        select ${sectionId}::int, send_id, (pg_backend_pid() % ${PARTS}::int)::smallint, sum(opened), sum(clicked)
        from judged
        where opened <> 0 or clicked <> 0
        group by send_id
        order by send_id
        on conflict (section_id, send_id, part) do update set
          opened = known.opened + excluded.opened, clicked = known.clicked + excluded.clicked
      )
      select profile_id as "profileId", send_id as "sendId", opened > 0 as opened, clicked > 0 as clicked
      from judged
      where opened > 0 or clicked > 0`,
  );
  await signal(db, sectionId, answered, now);
}

type Answered = { profileId: ProfileId; sendId: SendId; opened: boolean; clicked: boolean };

/** Listeners are told of first answers, once the rest of what a gateway does would have come too. */
async function signal(db: Db, sectionId: SectionId, answered: readonly Answered[], now: Date): Promise<void> {
  const did = [
    ...answered.filter(({ opened }) => opened).map((each) => ({ ...each, topic: TOPICS.message_opened })),
    ...answered.filter(({ clicked }) => clicked).map((each) => ({ ...each, topic: TOPICS.message_clicked })),
  ];
  if (did.length === 0) return;
  // Of a person who was merged, the answers are those of the profile that remains.
  const found = await rows<{ topic: number; messageId: MessageId; profileId: ProfileId }>(
    db,
    sql`
      select did.topic, send.message_id as "messageId", coalesce(merged.into_id, did.profile_id) as "profileId"
      from unnest(
        ${did.map(({ topic }) => topic)}::smallint[], ${did.map(({ sendId }) => sendId)}::int[],
        ${did.map(({ profileId }) => profileId)}::bigint[]
      ) did (topic, send_id, profile_id)
      join send on send.section_id = ${sectionId} and send.id = did.send_id
      left join profile_merge merged on merged.section_id = ${sectionId} and merged.from_id = did.profile_id`,
  );
  const happened = sql`
    select * from unnest(
      ${found.map(({ topic }) => topic)}::smallint[], ${found.map(({ messageId }) => messageId)}::int[],
      ${found.map(({ profileId }) => profileId)}::bigint[]
    ) did (topic, subject_id, profile_id)`;
  const notBefore = new Date(now.getTime() + KNOWN_AFTER_MS + 1_000);
  await execute(db, appendSignals({ sectionId }, happened, sql`${now}::timestamptz`, { notBefore }));
}
