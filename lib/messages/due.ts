// Gives what is due to the workers. One turn of a loop of the leader: nothing is lost if a job was.
import type { SectionId, SendId, SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { advanceTests } from './ab';
import { endLostLeases } from './leases';
import { addMailJobs, addPrepareJob, MAIL_TASK, SLOTS } from './queue';

/** One turn: starts sends whose time has come, and adds the jobs of senders that have mails and no job. */
export async function startDueSends(now = new Date()): Promise<void> {
  await endLostLeases(now);
  const due = await rows<{ sectionId: SectionId; sendId: SendId }>(
    pool(),
    sql`
      select section_id as "sectionId", id as "sendId" from send
      where status in ('scheduled', 'preparing') and starts_at <= ${now}
      order by starts_at`,
  );
  for (const send of due) await addPrepareJob(pool(), send);
  await advanceTests(now);
  await addMissingMailJobs();
}

/** A send whose A/B test waits for its end has no mails; but for what is tried again, which has its job. */
async function addMissingMailJobs(): Promise<void> {
  const senders = await rows<{ sectionId: SectionId; senderId: SenderId }>(
    pool(),
    sql`select distinct section_id as "sectionId", sender_id as "senderId" from send
      where status = 'sending' and (ab is null or ab_ends_at is null or winner is not null)`,
  );
  if (senders.length === 0) return;
  const jobs = await rows<{ name: string }>(
    pool(),
    sql`
      select coalesce(key, queue_name) as name from graphile_worker.jobs
      where task_identifier = ${MAIL_TASK} and (attempts < max_attempts or locked_at is not null)`,
  );
  const known = new Set(jobs.map(({ name }) => name));
  for (const sender of senders) {
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot).filter(
      (slot) => !known.has(`mail:${sender.sectionId}:${sender.senderId}:${slot}`),
    );
    if (slots.length > 0) await addMailJobs(pool(), sender, { slots });
  }
}
