// The jobs that send. A sender has a few slots, each of which one process at a time works off: so all processes together open no
// more connections than the sender may have.
import { z } from 'zod';
import {
  SectionIdSchema,
  SenderIdSchema,
  SendIdSchema,
  type SectionId,
  type SenderId,
  type SendId,
} from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { SendOrigin } from './schema';

/** Tasks of the lane `mail`. */
export const PREPARE_TASK = 'prepare_send';
export const MAIL_TASK = 'send_mails';
/** Of the lane `now`: somebody has pressed a button. */
export const STEPS_TASK = 'settle_recipients';

export const PrepareJobSchema = z.object({ sectionId: SectionIdSchema, sendId: SendIdSchema });
export const MailJobSchema = z.object({ sectionId: SectionIdSchema, senderId: SenderIdSchema, slot: z.int().min(0) });

/** Of one sender, at most. */
export const SLOTS = 2;
/** One more, for mails of single calls, in a lane of its own: it waits for no newsletter. */
export const SERVICE_SLOT = SLOTS;
export const SERVICE_TASK = 'send_service_mails';

/** Where a send is worked off. */
export const slotsOf = (origin: SendOrigin): readonly number[] =>
  origin === 'api' ? [SERVICE_SLOT] : Array.from({ length: SLOTS }, (_, slot) => slot);

/** For mails of single calls, besides those of the sender's newsletters. */
const SERVICE_CONNECTIONS = 3;

/** The connections of a slot. Those of newsletters together make those of the sender. */
export const connectionsOf = (all: number, slot: number): number =>
  slot === SERVICE_SLOT ? Math.min(all, SERVICE_CONNECTIONS) : Math.floor((all + SLOTS - 1 - slot) / SLOTS);

/** Has a send prepared: its audience frozen. */
export async function addPrepareJob(
  db: Db,
  { sectionId, sendId }: { sectionId: SectionId; sendId: SendId },
): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${PREPARE_TASK}, json_build_object('sectionId', ${sectionId}::int, 'sendId', ${sendId}::int),
        queue_name := ${`prepare:${sectionId}:${sendId}`}, job_key := ${`prepare:${sectionId}:${sendId}`}, max_attempts := 10
      )`,
  );
}

/**
 * Has the mails of a sender sent, in each of its slots. A job that waits already goes at this time instead; beside one that runs
 * another one waits, for what may have come when that one had looked.
 */
export async function addMailJobs(
  db: Db,
  { sectionId, senderId }: { sectionId: SectionId; senderId: SenderId },
  { slots = slotsOf('broadcast'), at = null }: { slots?: readonly number[]; at?: Date | null } = {},
): Promise<void> {
  for (const slot of slots) {
    const name = `mail:${sectionId}:${senderId}:${slot}`;
    await rows(
      db,
      sql`
        select graphile_worker.add_job(
          ${slot === SERVICE_SLOT ? SERVICE_TASK : MAIL_TASK}, json_build_object('sectionId', ${sectionId}::int, 'senderId', ${senderId}::int, 'slot', ${slot}::int),
          queue_name := ${name}, job_key := ${name}, run_at := ${at}::timestamptz, max_attempts := 100
        )`,
    );
  }
}
