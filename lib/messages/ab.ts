// The course of an A/B test: once the test part has gone out its time begins; at the end of it the clicks decide, or a person does, and the
// others are let go with one variant. All of it is in the rows of the send, so it survives whatever stops in between.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import type { MessageId, SectionId, SendId, SenderId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import {
  SendTestSchema,
  variantName,
  VARIANTS_MAX,
  type AbResult,
  type SendTest,
  type VariantTally,
} from './ab-schema';
import { verdictOf } from './ab-verdict';
import { requireMayServe } from './commands';
import { forEach } from './each';
import { addStepsJob, beginSteps, countIdle } from './in-steps';
import { addMailJobs } from './queue';
import { InSend, type PauseKind, type SendStatus } from './schema';

type Which = { sectionId: SectionId; sendId: SendId };

/** One look at all tests under way: begins the time of those that have gone out, and decides those whose time is over. */
export async function advanceTests(now = new Date()): Promise<void> {
  const open = await rows<Which & { hours: number; endsAt: Date | null }>(
    pool(),
    sql`
      select section_id as "sectionId", id as "sendId", (ab ->> 'hours')::int as hours, ab_ends_at as "endsAt" from send
      where status = 'sending' and ab is not null and winner is null and frozen_at is not null
        and (ab_ends_at is null or ab_ends_at <= ${now})`,
  );
  for (const which of await heldInVain()) await addStepsJob(pool(), which);
  await forEach(open, ({ endsAt, hours, ...which }) =>
    endsAt === null ? beginTime(which, new Date(now.getTime() + hours * 3_600_000)) : decide(which, now),
  );
}

/** Sends whose test is decided, and that still hold somebody: the job that lets them go is there, or was lost. */
async function heldInVain(): Promise<Which[]> {
  const decided = await rows<Which>(
    pool(),
    sql`
      select section_id as "sectionId", id as "sendId" from send
      where status = 'sending' and ab is not null and winner is not null`,
  );
  const held = await Promise.all(decided.map((which) => isHolding(which)));
  return decided.filter((_, index) => held[index]);
}

async function isHolding({ sectionId, sendId }: Which): Promise<boolean> {
  const { held } = await one<{ held: boolean }>(
    pool(),
    sql`
      select exists (
        select from recipient
        where section_id = ${sectionId} and send_id = ${sendId} and state = 'held'
      ) as held`,
  );
  return held;
}

/** What waits for another attempt, or for somebody else's row, does not hold up the time. */
async function beginTime({ sectionId, sendId }: Which, endsAt: Date): Promise<void> {
  const row = (condition: Sql) => sql`exists (
    select from recipient
    where recipient.section_id = ${sectionId} and recipient.send_id = ${sendId} and ${condition}
  )`;
  await execute(
    pool(),
    sql`
      update send set ab_ends_at = ${endsAt}
      where send.section_id = ${sectionId} and send.id = ${sendId} and send.status = 'sending' and send.ab_ends_at is null
        and not ${row(sql`recipient.state in ('claimed', 'handing')`)}
        and not ${row(sql`recipient.state = 'waiting' and recipient.tried_at is null and recipient.address_key is not null`)}
        and ${row(sql`recipient.state = 'held'`)}`,
  );
}

/** Decides a test whose time is over, unless somebody has meanwhile. */
async function decide({ sectionId, sendId }: Which, now: Date): Promise<void> {
  await transaction(async (tx) => {
    const send = await maybeOne<{ ab: unknown; senderId: SenderId }>(
      tx,
      sql`
        select ab, sender_id as "senderId" from send
        where section_id = ${sectionId} and id = ${sendId} and status = 'sending' and winner is null and ab_ends_at <= ${now}
        for update`,
    );
    if (!send) return;
    const ab = SendTestSchema.parse(send.ab);
    const result = verdictOf(await talliesOf(tx, sectionId, sendId));
    const winner = winnerBy(ab, result);
    if (winner !== null) {
      await release(tx, { sectionId, sendId }, { winner, by: null, result, now });
      await addMailJobs(tx, { sectionId, senderId: send.senderId });
      return;
    }
    await execute(
      tx,
      sql`
        update send set
          status = 'paused', pause_kind = 'choice', pause_reason = ${reasonToAsk(ab, result)},
          ab_result = ${JSON.stringify(result)}::jsonb
        where section_id = ${sectionId} and id = ${sendId}`,
    );
  });
}

/** The variant that the others get by themselves; null: a person chooses. */
function winnerBy({ decides, close }: SendTest, { verdict, best }: AbResult): number | null {
  if (decides === 'person') return null;
  if (verdict === 'better') return best;
  return close === 'first' ? 0 : null;
}

/** Only what a person decides, and what is too close to call, is asked about. */
const reasonToAsk = ({ decides }: SendTest, { tallies }: AbResult): string => {
  if (decides === 'person') return 'The test has had its time. The others wait for a variant.';
  const why = tallies.every(({ clicked }) => clicked === 0)
    ? 'nobody clicked'
    : 'chance alone may have made the difference';
  return `The test has had its time, and it is too close to call: ${why}.`;
};

/** What people of the test part did, by variant, machines left out. */
export const talliesOf = (db: Db, sectionId: SectionId, sendId: SendId): Promise<VariantTally[]> =>
  rows(
    db,
    sql`
      select variant, count(*)::int as people,
        (count(*) filter (where state = 'sent'))::int as sent,
        (count(*) filter (where state = 'sent' and clicked_at is not null))::int as clicked,
        (count(*) filter (where state = 'sent' and opened_at is not null))::int as opened,
        (count(*) filter (where state = 'sent' and left_at is not null))::int as left
      from recipient
      where section_id = ${sectionId} and send_id = ${sendId} and in_test
      group by variant order by variant`,
  );

/** Lets all who are held go, with one variant, in steps. Returns how many. Whether each of them may get it is asked when it is their turn. */
async function release(
  tx: Tx,
  { sectionId, sendId }: Which,
  { winner, by, result, now }: { winner: number; by: UserId | null; result: AbResult; now: Date },
): Promise<number> {
  await execute(
    tx,
    sql`
      update send set winner = ${winner}, winner_by = ${by}, winner_at = ${now}, ab_result = ${JSON.stringify(result)}::jsonb
      where section_id = ${sectionId} and id = ${sendId}`,
  );
  const released = await countIdle(tx, { sectionId, sendId }, ['held']);
  await beginSteps(tx, { sectionId, sendId }, now);
  return released;
}

/** Chooses the variant that the others get, at any time before that is decided. What is paused for another reason stays paused. */
export const chooseVariant = command({
  name: 'messages.choose-variant',
  scope: 'section',
  allow: 'everyone',
  input: InSend.extend({
    variant: z
      .int()
      .min(0)
      .max(VARIANTS_MAX - 1),
  }),
  run: async ({ tx, actor }, { sectionId, sendId, variant }) => {
    const send = await maybeOne<{
      status: SendStatus;
      pauseKind: PauseKind | null;
      name: string;
      messageId: MessageId;
      kind: string;
      senderId: SenderId;
      ab: unknown;
      winner: number | null;
      isFrozen: boolean;
    }>(
      tx,
      sql`
        select send.status, send.pause_kind as "pauseKind", message.name, send.message_id as "messageId", send.kind,
          send.sender_id as "senderId", send.ab, send.winner, send.frozen_at is not null as "isFrozen"
        from send
        join message on message.section_id = ${sectionId} and message.id = send.message_id
        where send.section_id = ${sectionId} and send.id = ${sendId} for update of send`,
    );
    if (!send) return refuse('not_found', 'This send does not exist in this section.');
    if (send.kind === 'service') requireMayServe(actor);
    const ab = SendTestSchema.nullable().parse(send.ab);
    if (!ab || variant >= ab.variants) return refuse('invalid', 'There is no such variant.', { field: 'variant' });
    if (send.winner !== null) {
      refuse('conflict', `The others get variant ${variantName(send.winner)}: that has been decided.`);
    }
    if (!send.isFrozen || !['sending', 'paused'].includes(send.status)) {
      refuse('conflict', 'There is nothing to choose now: the test is not under way.');
    }
    const now = new Date();
    const result = verdictOf(await talliesOf(tx, sectionId, sendId));
    const by = actorUserId(actor);
    const released = await release(tx, { sectionId, sendId }, { winner: variant, by, result, now });
    if (released === 0) refuse('conflict', 'Nobody waits for a variant: the test had all of the audience.');
    if (send.pauseKind === 'choice') {
      await execute(
        tx,
        sql`
          update send set status = 'sending', pause_kind = null, pause_reason = null
          where section_id = ${sectionId} and id = ${sendId}`,
      );
    }
    if (send.status === 'sending' || send.pauseKind === 'choice') {
      await addMailJobs(tx, { sectionId, senderId: send.senderId });
    }
    return { name: send.name, messageId: send.messageId, released };
  },
  audit: ({ variant }, { name, messageId, released }) => ({
    summary: `Chose variant ${variantName(variant)} of “${name}” for the other ${released.toLocaleString('en-GB')} people`,
    subject: `message:${messageId}`,
  }),
});
