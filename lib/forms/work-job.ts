// The job that works off what people have submitted in a section.
import { setImmediate as immediate } from 'node:timers/promises';
import { z } from 'zod';
import { SectionIdSchema, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';

/** A task of the lane `now`. */
export const WORK_TASK = 'work_submissions';
export const WorkJobSchema = z.object({ sectionId: SectionIdSchema });

/**
 * Has the section's submissions worked off, from `at` on. A job that waits already does it; beside one that runs another one waits, for what may
 * have come when that one had looked.
 */
export async function addWorkJob(db: Db, sectionId: SectionId, at: Date | null = null): Promise<void> {
  await rows(db, jobStatement(sectionId, at));
}

/** What `addWorkJob` says to the database. */
export function jobStatement(sectionId: SectionId, at: Date | null = null): Sql {
  const queue = `forms:${sectionId}`;
  // One for later puts off none that is due before it.
  const name = at === null ? queue : `${queue}:${at.getTime()}`;
  return sql`
    select graphile_worker.add_job(
      ${WORK_TASK}, json_build_object('sectionId', ${sectionId}::int), queue_name := ${queue}, job_key := ${name},
      run_at := ${at}::timestamptz, max_attempts := 100
    )`;
}

/** How long submissions may be stored without a job before one is added: the process that stored them may have died. */
const UNSEEN_MS = 5_000;

/** The job that is being added for a section, and the one that is added after it. `begun`: whether the database has been asked for it. */
type Waking = { begun: boolean; now: Promise<void>; next: Promise<void> | null };
const waking = new Map<SectionId, Waking>();

/**
 * Has what is stored, and committed, worked off: one job for all that come while another one is added. In the transactions of the submissions each would wait
 * for the commit of the one before, as they all change the same job. Never fails: `wakeMissed` comes after it.
 */
export function wakeWork(sectionId: SectionId): Promise<void> {
  const running = waking.get(sectionId);
  if (!running) return begin(sectionId);
  // Those that were stored together are told of together.
  if (!running.begun) return running.now;
  // The one that is being added may have looked before this was committed.
  return (running.next ??= running.now.then(() => begin(sectionId)));
}

function begin(sectionId: SectionId): Promise<void> {
  const job: Waking = { begun: false, now: add(), next: null };
  waking.set(sectionId, job);
  return job.now;

  async function add(): Promise<void> {
    await immediate();
    job.begun = true;
    await addWorkJob(pool(), sectionId).catch(() => undefined);
    if (job.next === null) waking.delete(sectionId);
  }
}

/** Adds the jobs of sections with submissions that are due and that nobody has begun: one turn of a loop of the leader. */
export async function wakeMissed(now = new Date()): Promise<void> {
  const sections = await rows<{ sectionId: SectionId }>(
    pool(),
    sql`
      select distinct section_id as "sectionId" from form_submission
      where state = 'received' and next_at <= ${new Date(now.getTime() - UNSEEN_MS)}`,
  );
  for (const { sectionId } of sections) await addWorkJob(pool(), sectionId);
}
