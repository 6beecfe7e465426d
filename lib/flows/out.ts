// What flows tell others: mails to colleagues and signed calls. Queued in the transaction of the step; sent by a loop, the same bytes each time. At least
// once: a call is known by its `webhook-id`, a mail by its Message-ID.
import { randomUUID } from 'node:crypto';
import { installationAddress } from '@/lib/config/installation';
import { signatureOf } from '@/lib/config/signature';
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import type { FlowPlace } from './run';

export type OutKind = 'notify' | 'webhook';
export type OutState = 'waiting' | 'sent' | 'failed' | 'cancelled';

/** Something to tell about somebody. */
export type Telling = { profileId: ProfileId; address: string; subject: string; body: string };

/** Queues what a step tells about people: for each, the number under which all of it is known. */
export async function queueOut(
  tx: Tx,
  place: { sectionId: SectionId; flowId: FlowId; step: string; kind: OutKind },
  tellings: readonly Telling[],
  now: Date,
): Promise<Map<ProfileId, number>> {
  const { sectionId, flowId, step, kind } = place;
  const numbers = await rows<{ number: number }>(
    tx,
    sql`select nextval('flow_out_number_seq') as number from generate_series(1, ${tellings.length}::int)`,
  );
  const together = new Map<ProfileId, number>();
  tellings.forEach(({ profileId }, index) => {
    if (!together.has(profileId)) together.set(profileId, numbers[index]!.number);
  });
  await execute(
    tx,
    sql`
      insert into flow_out
        (section_id, number, together, flow_id, step, profile_id, kind, address, subject, body, next_at, created_at)
      select ${sectionId}::int, telling.number, telling.together, ${flowId}::int, ${step}::text, telling.profile_id,
        ${kind}::text, telling.address, telling.subject, telling.body, ${now}::timestamptz, ${now}::timestamptz
      from unnest(
        ${numbers.map(({ number }) => number)}::bigint[],
        ${tellings.map(({ profileId }) => together.get(profileId)!)}::bigint[],
        ${tellings.map(({ profileId }) => profileId)}::bigint[], ${tellings.map(({ address }) => address)}::text[],
        ${tellings.map(({ subject }) => subject)}::text[], ${tellings.map(({ body }) => body)}::text[]
      ) telling (number, together, profile_id, address, subject, body)`,
  );
  return together;
}

/** What became of what was told: `waiting` while any of it waits, `failed` if any of it has. Absent: it is gone. */
export async function whatBecameOfOut(
  db: Db,
  sectionId: SectionId,
  together: readonly number[],
): Promise<Map<number, { state: OutState; outcome: string | null }>> {
  const found = await rows<{ together: number; state: OutState; outcome: string | null }>(
    db,
    sql`
      select together,
        case
          when bool_or(state = 'waiting') then 'waiting'
          when bool_or(state = 'failed') then 'failed'
          when bool_or(state = 'cancelled') then 'cancelled'
          else 'sent'
        end as state,
        max(outcome) filter (where state = 'failed') as outcome
      from flow_out
      where section_id = ${sectionId} and together = any(${together}::bigint[])
      group by together`,
  );
  return new Map(found.map(({ together: number, ...became }) => [number, became]));
}

/** By which receivers know that calls of a section’s flows are Tagwell’s: the secret of Standard Webhooks. Not stored. */
export const secretOf = (sectionId: SectionId): string =>
  `whsec_${signatureOf('calls of flows', String(sectionId), 32).toString('base64')}`;

/** The page of a profile. */
export async function profileAddress(db: Db, sectionId: SectionId): Promise<(profileId: ProfileId) => string> {
  const { slug } = await one<{ slug: string }>(db, sql`select slug from section where id = ${sectionId}`);
  const base = `${installationAddress()}/${slug}/profiles`;
  return (profileId) => `${base}/${profileId}`;
}

/** The flows of all sections in which something is due: a probe of the index for each. What belongs to a paused flow waits. */
export function flowsWithDue(db: Db, now: Date): Promise<FlowPlace[]> {
  return rows(
    db,
    sql`
      select * from (
        select flow.section_id as "sectionId", flow.id as "flowId", (
            select true from flow_out due
            where due.section_id = flow.section_id and due.flow_id >= flow.id and due.flow_id <= flow.id
              and due.state = 'waiting' and due.next_at <= ${now} and ${isFree(now)}
            order by due.flow_id, due.next_at
            limit 1
          ) is not null as "isDue"
        from flow
        where flow.state in ('live', 'stopped')
      ) flow
      where "isDue"`,
  );
}

const isFree = (now: Date): Sql => sql`(due.lease_until is null or due.lease_until < ${now})`;

/** What is due in a flow, for one process. Those who left the flow since are told about no more. */
export async function claimOut(
  db: Db,
  { sectionId, flowId }: FlowPlace,
  { limit, leaseMs, now }: { limit: number; leaseMs: number; now: Date },
): Promise<OutItem[]> {
  const place = { sectionId, flowId };
  for (;;) {
    const claimed = await leaseDue(db, place, { limit, until: new Date(now.getTime() + leaseMs), now });
    const cancelled = new Set(claimed.length === 0 ? [] : await cancelUnwanted(db, place, claimed, now));
    const wanted = claimed.filter(({ number }) => !cancelled.has(number));
    if (wanted.length > 0 || claimed.length < limit) return wanted;
  }
}

function leaseDue(
  db: Db,
  { sectionId, flowId }: FlowPlace,
  { limit, until, now }: { limit: number; until: Date; now: Date },
): Promise<OutItem[]> {
  return rows<OutItem>(
    db,
    sql`
      with due as materialized (
        select due.number from flow_out due
        join flow
          on flow.section_id = ${sectionId} and flow.id = ${flowId} and flow.state in ('live', 'stopped')
        where due.section_id = ${sectionId} and due.flow_id = ${flowId} and due.state = 'waiting'
          and due.next_at <= ${now} and ${isFree(now)}
        order by due.next_at
        limit ${limit}
        for no key update of due skip locked
      )
      update flow_out told set lease = ${randomUUID()}, lease_until = ${until}, attempts = told.attempts + 1
      from due
      where told.section_id = ${sectionId} and told.number = due.number
      returning told.number, told.kind, told.address, told.subject, told.body, told.attempts,
        told.created_at as "createdAt", told.lease`,
  );
}

/** Of what was claimed: what nobody waits for any more. Returns its numbers. */
async function cancelUnwanted(
  db: Db,
  { sectionId, flowId }: FlowPlace,
  claimed: readonly OutItem[],
  now: Date,
): Promise<number[]> {
  const cancelled = await rows<{ number: number }>(
    db,
    sql`
      update flow_out told set state = 'cancelled', ended_at = ${now}, next_at = null, body = ''
      where told.section_id = ${sectionId} and told.number = any(${claimed.map(({ number }) => number)}::bigint[])
        and told.lease = ${claimed[0]!.lease} and told.state = 'waiting' and not exists (
          select from flow_run run
          join flow on flow.section_id = ${sectionId} and flow.id = ${flowId} and flow.state <> 'stopped'
          where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = told.profile_id
            and run.recipient = told.together and run.due_at is not null and not exists (
              select from profile_tag held
              where held.section_id = ${sectionId} and held.tag_id = flow.exit_tag_id
                and held.profile_id = run.profile_id
            )
        )
      returning told.number`,
  );
  return cancelled.map(({ number }) => number);
}

export type OutItem = {
  number: number;
  kind: OutKind;
  address: string;
  subject: string;
  body: string;
  attempts: number;
  createdAt: Date;
  lease: string;
};

/** The end of it, after which nothing of what was told is kept; or, with `nextAt`, when it is tried again. `counts`: it was an attempt. */
export async function settleOut(
  db: Db,
  sectionId: SectionId,
  { number, lease }: Pick<OutItem, 'number' | 'lease'>,
  {
    state,
    outcome,
    nextAt = null,
    counts = true,
  }: { state: OutState; outcome: string; nextAt?: Date | null; counts?: boolean },
  now: Date,
): Promise<void> {
  const isOver = state !== 'waiting';
  await execute(
    db,
    sql`
      update flow_out
      set state = ${state}, outcome = ${outcome}, next_at = ${nextAt}::timestamptz, lease = null, lease_until = null,
        ended_at = ${isOver ? now : null}::timestamptz
        ${isOver ? sql`, body = ''` : sql``} ${counts ? sql`` : sql`, attempts = attempts - 1`}
      where section_id = ${sectionId} and number = ${number} and lease = ${lease} and state = 'waiting'`,
  );
}
