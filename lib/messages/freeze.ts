// Starts a send: freezes its audience, in one statement, as it is at that moment. Who joins later does not get it, who leaves is looked at
// again when it is their turn.
import { candidates, countLeftOut, type About } from '@/lib/audience/candidates';
import type { OpenAudience } from '@/lib/audience/open';
import { AUDIENCE_REASONS, type AudienceCounts, type AudienceReason } from '@/lib/audience/schema';
import type { SectionId, SendId, SenderId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { placed } from './ab-split';
import { openToSend, usedBy } from './lost';
import { laneOf } from './lanes';
import { openSend, stopSend, type OpenSend } from './progress';
import { addMailJobs } from './queue';
import { ContentSchema, WishSchema, type Wish } from './schema';
import { missingFallbacks } from './version';
import { startOf } from './when';
import { dueAt, lostZones } from './by-person';

/** How late a send may start without somebody being asked: the server was down. */
const LATE_MS = 2 * 3_600_000;

/** Rows of which the planner is to know at once. */
const LARGE = 5_000;

/** More than promised by these: somebody is asked first. */
const DRIFT = { share: 0.2, people: 1_000 };

type Which = { sectionId: SectionId; sendId: SendId };

/** Starts a send that is due. Safe to repeat, also at once in two processes: only one starts it, and what died half way is done again. */
export async function prepareSend({ sectionId, sendId }: Which, now = new Date()): Promise<void> {
  if (!(await begin({ sectionId, sendId }, now))) return;
  const gets = await transaction((tx) => freeze(tx, { sectionId, sendId }, now));
  // Before the statistics of each minute, and before the first plans for so many rows.
  if (gets >= LARGE) await execute(pool(), sql`analyze recipient`);
}

/** Whether the send is to be prepared. */
async function begin({ sectionId, sendId }: Which, now: Date): Promise<boolean> {
  const send = await maybeOne<{ status: string; wish: unknown; startsAt: Date }>(
    pool(),
    sql`
      select status, wish, starts_at as "startsAt" from send where section_id = ${sectionId} and id = ${sendId}`,
  );
  if (send?.status === 'preparing') return !(await stopIfLate({ sectionId, sendId }, send.startsAt, now));
  if (send?.status !== 'scheduled') return false;
  // The rules of a zone may have changed since it was scheduled: the wish counts.
  const wish = WishSchema.parse(send.wish);
  const moment = wish.when === 'now' ? send.startsAt : (startOf(wish, now) ?? send.startsAt);
  if (moment > now) {
    await execute(
      pool(),
      sql`
        update send set starts_at = ${moment}
        where section_id = ${sectionId} and id = ${sendId} and status = 'scheduled' and starts_at <= ${now}`,
    );
    return false;
  }
  if (await stopIfLate({ sectionId, sendId }, send.startsAt, now)) return false;
  const started = await execute(
    pool(),
    sql`
      update send set status = 'preparing', started_at = ${now}
      where section_id = ${sectionId} and id = ${sendId} and status = 'scheduled' and starts_at <= ${now}`,
  );
  return started > 0;
}

const LATE = 'It was to start more than two hours ago, when Tagwell was not running. Send it now, or cancel it.';

/** Also one that was about to start when Tagwell stopped. */
async function stopIfLate({ sectionId, sendId }: Which, startsAt: Date, now: Date): Promise<boolean> {
  return now.getTime() - startsAt.getTime() > LATE_MS && (await stopSend(pool(), sectionId, sendId, 'late', LATE));
}

/** Returns how many are to get it. */
async function freeze(tx: Tx, { sectionId, sendId }: Which, now: Date): Promise<number> {
  const locked = await maybeOne<{ senderId: SenderId; promised: number | null; wish: unknown }>(
    tx,
    sql`
      select sender_id as "senderId", promised, wish from send
      where section_id = ${sectionId} and id = ${sendId} and status = 'preparing' for update`,
  );
  const send = locked && (await openSend(tx, sectionId, sendId));
  if (!send) return 0;
  const opened = await openToSend(tx, sectionId, usedBy(send));
  if ('attention' in opened) {
    await stopSend(tx, sectionId, sendId, 'attention', opened.attention);
    return 0;
  }
  const wish = WishSchema.parse(locked.wish);
  const zones =
    wish.when === 'at' && wish.byPerson !== undefined ? await lostZones(tx, sectionId, wish.byPerson) : null;
  const gap = zones ?? (await gapOf(tx, send, opened.open, now));
  if (gap !== null) {
    await stopSend(tx, sectionId, sendId, 'attention', gap);
    return 0;
  }
  const counts = {
    ...(await insertRecipients(tx, send, opened.open, wish, now)),
    leftOut: await countLeftOut(tx, opened.open, { sectionId }, now),
  };
  const drift = driftOf(locked.promised, counts.gets);
  const status = counts.gets === 0 ? 'nobody' : drift === null ? 'sending' : 'paused';
  await execute(
    tx,
    sql`
      update send set
        status = ${status}, counts = ${JSON.stringify(counts)}::jsonb, frozen_at = ${now},
        ended_at = ${status === 'nobody' ? now : null}::timestamptz,
        pause_kind = ${drift === null ? null : 'drift'}, pause_reason = ${drift}
      where section_id = ${sectionId} and id = ${sendId}`,
  );
  if (status === 'sending') await addMailJobs(tx, { sectionId, senderId: locked.senderId });
  return counts.gets;
}

/** Earlier recipients of the message are left out, whichever send they were in; or it is only for those of them for whom it failed. */
const aboutOf = ({ sectionId, channel, kind, topicIds, messageId, ofFailed }: OpenSend): About => ({
  ...{ sectionId, channel, kind, topicIds },
  ...(ofFailed ? { failedOf: messageId } : { exceptRecipientsOf: messageId }),
});

/** Why the text would have gaps, in words: when it was scheduled everybody had a value, but not these. Null: it has none. */
async function gapOf(tx: Tx, send: OpenSend, open: OpenAudience, now: Date): Promise<string | null> {
  const { content } = await one<{ content: unknown }>(
    tx,
    sql`
      select version.content from send
      join message_version version
        on version.section_id = ${send.sectionId} and version.message_id = send.message_id and version.version = send.version
      where send.section_id = ${send.sectionId} and send.id = ${send.id}`,
  );
  const [missing] = await missingFallbacks(tx, open, aboutOf(send), ContentSchema.parse(content), now);
  if (!missing) return null;
  const { people, name } = missing;
  const who =
    people === 1 ? 'One person who matches now has' : `${people.toLocaleString('en-GB')} people who match now have`;
  return `${who} no “${name}”, and nothing stands there instead.`;
}

async function insertRecipients(
  tx: Tx,
  send: OpenSend,
  open: OpenAudience,
  wish: Wish,
  now: Date,
): Promise<AudienceCounts> {
  const { sectionId, id, channel } = send;
  const due = await dueAt(tx, sectionId, wish, now);
  const about = aboutOf(send);
  const found = await rows<{ reason: AudienceReason; people: number }>(
    tx,
    sql`
      with candidate as materialized (${candidates(open, about, now)}),
      frozen as (
        insert into recipient (
          section_id, send_id, profile_id, state, address, address_key, lane, next_at, variant, in_test
        )
        select ${sectionId}::int, ${id}::int, candidate.profile_id, candidate.state, candidate.address,
          candidate.address_key, ${laneOf(channel, sql`candidate.address`)}, ${due.at}, candidate.variant,
          candidate.in_test
        from (${placed(sql`select * from candidate where candidate.reason = 'gets'`, send)}) candidate
        ${due.join}
      )
      select candidate.reason, count(*) as people from candidate group by candidate.reason`,
  );
  const people = (wanted: AudienceReason) => found.find(({ reason }) => reason === wanted)?.people ?? 0;
  const counts = Object.fromEntries(AUDIENCE_REASONS.map((reason) => [reason, people(reason)]));
  return { matches: found.reduce((sum, row) => sum + row.people, 0), ...counts } as AudienceCounts;
}

function driftOf(promised: number | null, gets: number): string | null {
  if (promised === null || gets - promised <= Math.max(DRIFT.people, DRIFT.share * promised)) return null;
  const number = (count: number) => count.toLocaleString('en-GB');
  return `When it was scheduled, ${number(promised)} people were to get it. Now it is ${number(gets)}.`;
}
