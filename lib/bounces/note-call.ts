// When a provider last called about bounces, and what was wrong with it, for the page of the sender.
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import type { SenderOf } from './state';

/** Notes a call that proved itself. `problem`: in words; null: it was taken. */
export async function noteCall({ sectionId, senderId }: SenderOf, at: Date, problem: string | null): Promise<void> {
  await execute(
    pool(),
    sql`
      update sender_bounces set called_at = ${at}, call_problem = ${problem}
      where section_id = ${sectionId} and sender_id = ${senderId}`,
  );
}
