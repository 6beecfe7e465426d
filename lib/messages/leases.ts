// Who works off a sender's mails. A slot has one holder at a time, named by its lease. What a holder has claimed carries the lease, and whoever
// takes the slot over settles what a former holder has left: what was not handed over waits again, what perhaps was is unknown.
import { randomUUID } from 'node:crypto';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { giveRoom } from '@/lib/sending/use';
import { forEach } from './each';
import { isReported, isUntried, lockSendsOf } from './recipient-sql';
import type { RecipientState } from './schema';

export type Slot = { sectionId: SectionId; senderId: SenderId; slot: number };

/** Longer than the database may be away. A holder renews its lease several times in it. */
export const LEASE_MS = 60_000;
export const RENEW_MS = 15_000;

/** The holder has lost its lease: another one works in its slot. */
export class LostLease extends Error {
  override name = 'LostLease';
}

/** Takes a slot, also from a former holder. The caller runs alone in it, or as good as: a former holder can no longer hand anything over. */
export function takeLease(own: Slot, now = new Date()): Promise<string> {
  const { sectionId, senderId, slot } = own;
  const lease = randomUUID();
  return transaction(async (tx) => {
    const former = await maybeOne<{ lease: string }>(
      tx,
      sql`
        select lease from sender_lease
        where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} for update`,
    );
    if (former) await settleLost(tx, own, former.lease, now);
    await execute(
      tx,
      sql`
        insert into sender_lease (section_id, sender_id, slot, lease, until)
        values (${sectionId}, ${senderId}, ${slot}, ${lease}, ${new Date(now.getTime() + LEASE_MS)})
        on conflict (section_id, sender_id, slot) do update set lease = excluded.lease, until = excluded.until`,
    );
    return lease;
  });
}

/** Keeps a lease. Throws `LostLease`. */
export async function renewLease({ sectionId, senderId, slot }: Slot, lease: string, now = new Date()): Promise<void> {
  const kept = await execute(
    pool(),
    sql`
      update sender_lease set until = ${new Date(now.getTime() + LEASE_MS)}
      where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} and lease = ${lease}`,
  );
  if (kept === 0) throw new LostLease();
}

/** Ends a lease, with what its holder has left: nothing, unless the database was away. Returns how many wait again. */
export function endLease(own: Slot, lease: string, now = new Date()): Promise<number> {
  const { sectionId, senderId, slot } = own;
  return transaction(async (tx) => {
    const ended = await execute(
      tx,
      sql`
        delete from sender_lease
        where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} and lease = ${lease}`,
    );
    return ended > 0 ? settleLost(tx, own, lease, now) : 0;
  });
}

/**
 * Has those wait again that a holder has claimed without hearing of it, as the database went away. Call it when the holder works on nothing. Returns how
 * many. Throws `LostLease`.
 */
export function settleUnheard(own: Slot, lease: string, now = new Date()): Promise<number> {
  const { sectionId, senderId, slot } = own;
  return transaction(async (tx) => {
    const held = await maybeOne(
      tx,
      sql`
        select from sender_lease
        where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} and lease = ${lease}
        for share`,
    );
    if (!held) throw new LostLease();
    return settleLost(tx, own, lease, now);
  });
}

/** Ends expired leases, in every section. Taking a slot over does that too: this is for slots that nobody takes. */
export async function endLostLeases(now = new Date()): Promise<void> {
  const lost = await rows<Slot & { lease: string }>(
    pool(),
    sql`
      select section_id as "sectionId", sender_id as "senderId", slot, lease from sender_lease
      where until < ${now}`,
  );
  await forEach(lost, ({ lease, ...slot }) => endLease(slot, lease, now));
}

/**
 * Settles what is claimed under a lease. The lease and the claim stay at what is unknown: if its holder lives after all, it may still say what
 * became of it. Returns how many wait again.
 */
async function settleLost(tx: Tx, { sectionId, senderId }: Slot, lease: string, now: Date): Promise<number> {
  const left = sql`recipient.lease = ${lease} and recipient.state in ('claimed', 'handing')`;
  await lockSendsOf(tx, sectionId, left);
  const goesAgain = sql`(
    send.status <> 'cancelled' and (recipient.state = 'claimed' or (send.settings ->> 'again')::boolean) and not ${isReported}
  )`;
  // A first attempt began when it was claimed. The room of another one, an hour or a day ago, helps nobody.
  const unused = await rows<{ at: Date; mails: number }>(
    tx,
    sql`
      select recipient.tried_at as at, count(*)::int as mails from recipient
      where recipient.section_id = ${sectionId} and ${left} and recipient.state = 'claimed' and ${isUntried}
      group by recipient.tried_at`,
  );
  const settled = await rows<{ state: RecipientState }>(
    tx,
    sql`
      update recipient set
        state = case
          when ${goesAgain} then 'waiting'
          when ${isReported} then 'sent'
          when recipient.state = 'claimed' then 'cancelled'
          else 'unknown'
        end,
        why = case when recipient.state = 'handing' and not ${goesAgain} and not ${isReported} then 'crash' end,
        attempts = recipient.attempts + (recipient.state = 'handing')::int,
        tried_at = case when not (recipient.state = 'claimed' and ${isUntried}) then recipient.tried_at end,
        next_at = case when ${goesAgain} then ${now}::timestamptz else recipient.next_at end,
        ended_at = case when not ${goesAgain} then ${now}::timestamptz end,
        lease = case when recipient.state = 'handing' and not ${isReported} then recipient.lease end
      from send
      where recipient.section_id = ${sectionId} and ${left}
        and send.section_id = ${sectionId} and send.id = recipient.send_id
      returning recipient.state`,
  );
  await giveRoom(tx, { sectionId, id: senderId }, unused);
  return settled.filter(({ state }) => state === 'waiting').length;
}
