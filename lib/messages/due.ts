// Gives what is due to the workers. One turn of a loop of the leader: nothing is lost if a job was.
import type { SectionId, SendId, SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { advanceTests } from './ab';
import { forEach } from './each';
import { endLostLeases } from './leases';
import { sendersWithWork } from './progress';
import { addMailJobs, addPrepareJob, MAIL_TASK, SERVICE_TASK, slotsOf } from './queue';
import type { SendOrigin } from './schema';

/** One turn: starts sends whose time has come, and adds the jobs of senders that have mails and no job. */
export async function startDueSends(now = new Date()): Promise<void> {
  await forEach([endLostLeases, startDue, advanceTests, addMissingMailJobs], (step) => step(now));
}

async function startDue(now: Date): Promise<void> {
  const due = await rows<{ sectionId: SectionId; sendId: SendId }>(
    pool(),
    sql`
      select section_id as "sectionId", id as "sendId" from send
      where status in ('scheduled', 'preparing') and starts_at <= ${now}
      order by starts_at`,
  );
  await forEach(due, (send) => addPrepareJob(pool(), send));
}

/** A send whose A/B test waits for its end has no mails; but for what is tried again, which has its job. */
async function addMissingMailJobs(): Promise<void> {
  const senders = await rows<{ sectionId: SectionId; senderId: SenderId; origin: SendOrigin }>(
    pool(),
    sql`
      select distinct section_id as "sectionId", sender_id as "senderId", origin from send
      where status = 'sending' and (ab is null or ab_ends_at is null or winner is not null)`,
  );
  if (senders.length === 0) return;
  const jobs = await rows<{ name: string }>(
    pool(),
    sql`
      select coalesce(key, queue_name) as name from graphile_worker.jobs
      where task_identifier in (${MAIL_TASK}, ${SERVICE_TASK}) and (attempts < max_attempts or locked_at is not null)`,
  );
  const known = new Set(jobs.map(({ name }) => name));
  const missing = senders.flatMap((sender) => {
    const slots = slotsOf(sender.origin).filter(
      (slot) => !known.has(`mail:${sender.sectionId}:${sender.senderId}:${slot}`),
    );
    return slots.length > 0 ? [{ ...sender, slots }] : [];
  });
  // A message that calls or flows send is always being sent: mostly there is nothing to do.
  const busy = new Set<string>();
  for (const origin of ['api', 'flow'] as const) {
    const open = missing.filter((sender) => sender.origin === origin);
    for (const sectionId of new Set(open.map((sender) => sender.sectionId))) {
      const ids = open.filter((sender) => sender.sectionId === sectionId).map(({ senderId }) => senderId);
      for (const id of await sendersWithWork(pool(), sectionId, origin, ids)) busy.add(`${origin} ${id}`);
    }
  }
  for (const { origin, slots, ...sender } of missing) {
    if (origin === 'broadcast' || busy.has(`${origin} ${sender.senderId}`))
      await addMailJobs(pool(), sender, { slots });
  }
}
