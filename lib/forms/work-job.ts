// The job that works off what people have submitted in a section.
import { z } from 'zod';
import { SectionIdSchema, type SectionId } from '@/lib/db/ids';
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
