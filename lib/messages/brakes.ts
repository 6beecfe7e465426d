// What stops a send that goes wrong, and asks: many refusals or complaints cost the sender its good name. Counters say when to look; before a send stops, its rows
// are counted.
import { z } from 'zod';
import { ChannelSchema } from '@/lib/consents/schema';
import type { SectionId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, join, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { stopSend } from './progress';
import { SERVICE_SLOT } from './queue';

/** What is counted of a send. `handed`: whatever became of them. */
const COUNTS = ['handed', 'sent', 'address', 'policy', 'ours', 'template', 'complaints'] as const;
export type Counts = Record<(typeof COUNTS)[number], number>;

const CountsSchema = z.object(
  Object.fromEntries(COUNTS.map((count) => [count, z.number()])) as Record<keyof Counts, z.ZodNumber>,
);
const TallySchema = CountsSchema.extend({ channel: ChannelSchema });
type Tally = z.output<typeof TallySchema>;

/** A tally has a part for each slot, for what comes back, and for what counting the rows has corrected: so hardly anybody waits for another one. */
const ANSWERS = SERVICE_SLOT + 1;
const CORRECTION = SERVICE_SLOT + 2;

/** Below these numbers a share says nothing. */
const BRAKE = {
  handed: 200,
  address: { share: 0.1, least: 20 },
  policy: { share: 0.02, least: 10 },
  /** One alone may be somebody's invention about their own mail. */
  ours: { share: 0, least: 3 },
  complaints: { share: 0.003, least: 5 },
  template: { share: 0.1, least: 20 },
};

/** Adds to tallies, in a statement. `counts` selects send_id and what there is of each count. */
export const addedToTally = (sectionId: SectionId, part: number, counts: Sql): Sql => sql`
  insert into send_tally as known (section_id, send_id, part, ${columns((name) => name)})
  select ${sectionId}::int, counts.send_id, ${part}::smallint, ${columns((name) => sql`counts.${name}`)}
  from (${counts}) counts
  on conflict (section_id, send_id, part) do update set
    ${columns((name) => sql`${name} = known.${name} + excluded.${name}`)}`;

const NAMES: Sql[] = [sql`handed`, sql`sent`, sql`address`, sql`policy`, sql`ours`, sql`template`, sql`complaints`];
const columns = (each: (name: Sql) => Sql): Sql => join(NAMES.map(each), ', ');

/** What is counted of rows with state and why, as results are written: for `addedToTally`. */
export const countedResults = (from: Sql): Sql => sql`
  select send_id,
    count(*) filter (where state in ('sent', 'refused', 'unknown')) as handed,
    count(*) filter (where state = 'sent') as sent,
    count(*) filter (where state = 'refused' and why = 'address') as address,
    count(*) filter (where state = 'refused' and why in ('policy', 'message')) as policy,
    0 as ours,
    count(*) filter (where state = 'failed' and why = 'template') as template,
    0 as complaints
  from ${from}
  where state in ('sent', 'refused', 'unknown', 'failed')
  group by send_id`;

/** Counts what has come back of mails. Refusals are not among it: they were counted with the results. */
export async function countAnswers(
  tx: Tx,
  sectionId: SectionId,
  answers: readonly { sendId: SendId; kind: 'bounce' | 'complaint'; why: string | null }[],
): Promise<void> {
  if (answers.length === 0) return;
  const of = <Key extends 'sendId' | 'kind' | 'why'>(key: Key) => answers.map((answer) => answer[key]);
  await execute(
    tx,
    addedToTally(
      sectionId,
      ANSWERS,
      sql`
        select said.send_id, 0 as handed, 0 as sent,
          count(*) filter (where said.kind = 'bounce' and said.why = 'address') as address,
          count(*) filter (where said.kind = 'bounce' and said.why in ('policy', 'message')) as policy,
          count(*) filter (where said.kind = 'bounce' and said.why = 'ours') as ours,
          0 as template,
          count(*) filter (where said.kind = 'complaint') as complaints
        from unnest(${of('sendId')}::int[], ${of('kind')}::text[], ${of('why')}::text[]) as said (send_id, kind, why)
        group by said.send_id
        order by said.send_id`,
    ),
  );
}

/** Stops those of the sends under way that go wrong. Cheap, however many recipients they have. */
export async function brakeSends(sectionId: SectionId, ids: readonly SendId[]): Promise<void> {
  if (ids.length === 0) return;
  const tallies = await rows<Tally & { id: SendId }>(
    pool(),
    sql`
      select send.id, message.channel, ${columns((name) => sql`sum(tally.${name})::int as ${name}`)}
      from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      join send_tally tally on tally.section_id = ${sectionId} and tally.send_id = send.id
      where send.section_id = ${sectionId} and send.id = any(${ids}::int[])
        and send.status in ('preparing', 'sending') and send.brakes
      group by send.id, message.channel`,
  );
  for (const { id, ...tally } of tallies) {
    if (reasonToBrake(tally) === null) continue;
    const counted = await countRows(pool(), sectionId, id);
    const reason = reasonToBrake({ ...counted, channel: tally.channel });
    if (reason === null) await correct(sectionId, id, counted);
    else await stopSend(pool(), sectionId, id, 'brake', reason);
  }
}

/** What became of the recipients of a send, from all of its rows. */
async function countRows(db: Db, sectionId: SectionId, id: SendId): Promise<Counts> {
  return CountsSchema.parse(
    await one(
      db,
      sql`
        select
          count(*) filter (where state in ('sent', 'refused', 'unknown')) as handed,
          count(*) filter (where state = 'sent') as sent,
          count(*) filter (where bounce = 'address' or (state = 'refused' and why = 'address')) as address,
          count(*) filter (where bounce in ('policy', 'message') or (state = 'refused' and why in ('policy', 'message'))) as policy,
          count(*) filter (where bounce = 'ours') as ours,
          count(*) filter (where state = 'failed' and why = 'template') as template,
          count(*) filter (where complained_at is not null) as complaints
        from recipient
        where section_id = ${sectionId} and send_id = ${id}`,
    ),
  );
}

/** What was counted twice, such as a mail that came back for two reasons, is not looked into again and again. */
async function correct(sectionId: SectionId, id: SendId, counted: Counts): Promise<void> {
  const values = COUNTS.map((count) => sql`${counted[count]}::int`);
  await execute(
    pool(),
    sql`
      insert into send_tally as known (section_id, send_id, part, ${columns((name) => name)})
      select ${sectionId}::int, ${id}::int, ${CORRECTION}::smallint, ${join(
        NAMES.map((name, index) => sql`${values[index]} - coalesce(sum(other.${name}), 0)`),
        ', ',
      )}
      from send_tally other
      where other.section_id = ${sectionId} and other.send_id = ${id} and other.part <> ${CORRECTION}
      on conflict (section_id, send_id, part) do update set ${columns((name) => sql`${name} = excluded.${name}`)}`,
  );
}

/** Why a send is to stop, in words; null: it goes on. */
export function reasonToBrake(tally: Tally): string | null {
  const { channel, handed, sent, address, policy, ours, template, complaints } = tally;
  const [things, addresses] = channel === 'sms' ? ['SMS', 'numbers'] : ['mails', 'addresses'];
  const over = (count: number, of: number, { share, least }: { share: number; least: number }) =>
    count >= least && count > share * of;
  const number = (count: number) => count.toLocaleString('en-GB');
  if (over(template, handed + template, BRAKE.template)) {
    return `The content could not be filled in for ${number(template)} people.`;
  }
  if (over(complaints, sent, BRAKE.complaints)) {
    return `${number(complaints)} of ${number(sent)} people have reported it as spam.`;
  }
  if (over(ours, handed, BRAKE.ours)) {
    return `${number(ours)} mails came back because the sender’s domain is not set up as mailbox providers demand (SPF, DKIM, DMARC). Look at its check in Settings → Sending.`;
  }
  if (handed < BRAKE.handed) return null;
  if (over(address, handed, BRAKE.address)) {
    return `${number(address)} of ${number(handed)} ${addresses} do not exist. Such a share makes providers block a sender: look where the ${addresses} come from.`;
  }
  if (over(policy, handed, BRAKE.policy)) {
    return `${number(policy)} of ${number(handed)} ${things} were refused because of their content or their sender, not because of the people.`;
  }
  return null;
}
