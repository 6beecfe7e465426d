// Who works off a sender's mails. A slot has one holder at a time, named by its lease. What a holder has claimed carries the lease, and whoever
// takes the slot over settles what a former holder has left: what was not handed over waits again, what perhaps was is unknown.
import { randomUUID } from 'node:crypto';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Sql, type Tx } from '@/lib/db/sql';

export type Slot = { sectionId: SectionId; senderId: SenderId; slot: number };

/** Longer than the database may be away. A holder renews its lease several times in it. */
export const LEASE_MS = 60_000;
export const RENEW_MS = 15_000;

/** The holder has lost its lease: another one works in its slot. */
export class LostLease extends Error {
  override name = 'LostLease';
}

/** A report or an answer has come, so it was sent, whatever is known of its hand-over. A condition on `recipient`. */
export const isReported: Sql = sql`(recipient.delivered_at is not null or recipient.bounced_at is not null)`;

/** Takes a slot, from whoever had it. The caller runs alone in it, or as good as: a former holder can no longer hand anything over. */
export function takeLease({ sectionId, senderId, slot }: Slot, now = new Date()): Promise<string> {
  const lease = randomUUID();
  return transaction(async (tx) => {
    const former = await maybeOne<{ lease: string }>(
      tx,
      sql`
        select lease from sender_lease
        where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} for update`,
    );
    if (former) await settleLost(tx, sectionId, former.lease, now);
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

/** Ends a lease, with what its holder has left: nothing, unless the database was away for long. */
export function endLease({ sectionId, senderId, slot }: Slot, lease: string, now = new Date()): Promise<void> {
  return transaction(async (tx) => {
    const own = await execute(
      tx,
      sql`
        delete from sender_lease
        where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} and lease = ${lease}`,
    );
    if (own > 0) await settleLost(tx, sectionId, lease, now);
  });
}

/** Ends the leases that nobody renews, in every section. Whoever takes a slot over does that too: this is for those that nobody takes. */
export async function endLostLeases(now = new Date()): Promise<void> {
  const lost = await rows<Slot & { lease: string }>(
    pool(),
    sql`
      select section_id as "sectionId", sender_id as "senderId", slot, lease from sender_lease
      where until < ${now}`,
  );
  for (const { lease, ...slot } of lost) await endLease(slot, lease, now);
}

/**
 * Settles what is claimed under a lease. The lease stays at what is unknown: if its holder lives after all, it may still say what
 * became of it.
 */
async function settleLost(tx: Tx, sectionId: SectionId, lease: string, now: Date): Promise<void> {
  const goesAgain = sql`(
    send.status <> 'cancelled' and (recipient.state = 'claimed' or (send.settings ->> 'again')::boolean) and not ${isReported}
  )`;
  await execute(
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
        next_at = ${now}, ended_at = case when not ${goesAgain} then ${now}::timestamptz end,
        lease = case when recipient.state = 'handing' and not ${isReported} then recipient.lease end
      from send
      where recipient.section_id = ${sectionId} and recipient.lease = ${lease}
        and recipient.state in ('claimed', 'handing')
        and send.section_id = ${sectionId} and send.id = recipient.send_id`,
  );
}
