// Submissions that wait because something that their form uses was hidden.
import type { FormId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';
import { addWorkJob } from './work-job';

/** Has a form's submissions looked at again that wait for it to be fixed. The form is locked: a batch that saw it as it was has set its own aside before. */
export const takeUpWaiting = (tx: Tx, sectionId: SectionId, formId: FormId, now: Date): Promise<number> =>
  takeUp(tx, sectionId, sql`form_id = ${formId}`, now);

/** What can be hidden and shown again, and where forms refer to it. */
const PATHS = {
  topic: '$.steps[*].elements[*].topics[*].topicId ? (@ == $id)',
  attribute: '$.steps[*].elements[*].attributeId ? (@ == $id)',
};

/** The same of all forms that use something which is shown again. It is locked, as batches hold what they look at. */
export const takeUpWaitingFor = (
  tx: Tx,
  sectionId: SectionId,
  { kind, id }: { kind: keyof typeof PATHS; id: number },
  now: Date,
): Promise<number> =>
  takeUp(
    tx,
    sectionId,
    sql`form_id in (
      select form_id from form_version
      where section_id = ${sectionId}
        and jsonb_path_exists(document, ${PATHS[kind]}::jsonpath, jsonb_build_object('id', ${id}::int))
    )`,
    now,
  );

/** Returns how many. */
async function takeUp(tx: Tx, sectionId: SectionId, which: Sql, now: Date): Promise<number> {
  const taken = await execute(
    tx,
    sql`
      update form_submission set state = 'received', next_at = ${now}, error = null
      where section_id = ${sectionId} and state = 'waiting' and ${which}`,
  );
  if (taken > 0) await addWorkJob(tx, sectionId);
  return taken;
}

/** Keeps a form from being published until the transaction ends, so that nothing is set aside after what waits was taken up. */
export async function holdForm(tx: Tx, { sectionId, formId }: { sectionId: SectionId; formId: FormId }): Promise<void> {
  await execute(tx, sql`select from form where section_id = ${sectionId} and id = ${formId} for share`);
}
