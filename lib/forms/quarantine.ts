// What a person decides about submissions that wait for one: those that looked like spam, and those that could not be applied. Each decision can
// be taken back until it has had its effect.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SubmissionIdSchema } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { InForm } from './schema';
import { addWorkJob } from './work-job';

/** As long as an undo is offered. Then what was released is applied. */
const UNDO_MS = 20_000;
const AT_ONCE_MAX = 1_000;

/** The states from which something is decided. */
const DecidedSchema = z.enum(['quarantined', 'failed']);

const DecideSchema = InForm.extend({
  from: DecidedSchema,
  /** Null: all that are in this state. */
  submissionIds: z.array(SubmissionIdSchema).min(1).max(AT_ONCE_MAX).nullable(),
  decision: z.enum(['release', 'remove']),
});

/** Releases submissions, which are applied soon after, or removes them: `{ count, decidedAt }`, by which it is undone. */
export const decideSubmissions = command({
  name: 'forms.decide-submissions',
  scope: 'section',
  allow: 'everyone',
  input: DecideSchema,
  run: async ({ tx, actor }, { sectionId, formId, from, submissionIds, decision }) => {
    const name = await nameOf(tx, sectionId, formId);
    const now = new Date();
    const appliedAt = new Date(now.getTime() + UNDO_MS);
    const isReleased = decision === 'release';
    const count = await execute(
      tx,
      sql`
        update form_submission
        set state = ${isReleased ? 'received' : 'removed'}, attempts = 0, released_at = ${now},
          released_by = ${actorUserId(actor)}, next_at = ${isReleased ? appliedAt : null}::timestamptz
        where section_id = ${sectionId} and form_id = ${formId} and state = ${from}
          ${submissionIds === null ? sql`` : sql`and id = any(${submissionIds}::bigint[])`}`,
    );
    if (isReleased && count > 0) await addWorkJob(tx, sectionId, appliedAt);
    return { count, name, decidedAt: now.toISOString() };
  },
  audit: ({ formId, decision }, { count, name }) =>
    count === 0
      ? null
      : {
          summary: `${decision === 'release' ? 'Released' : 'Removed'} ${inWords(count)} of the form “${name}”`,
          subject: `form:${formId}`,
        },
});

/** Takes a decision back: `{ count, kept }`. `kept`: those that had been applied by then, and stay. */
export const undecideSubmissions = command({
  name: 'forms.undecide-submissions',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ to: DecidedSchema, decidedAt: z.iso.datetime() }),
  run: async ({ tx, actor }, { sectionId, formId, to, decidedAt }) => {
    const name = await nameOf(tx, sectionId, formId);
    const theirs = sql`
      section_id = ${sectionId} and form_id = ${formId} and released_at = ${new Date(decidedAt)}
      and released_by = ${actorUserId(actor)}`;
    const count = await execute(
      tx,
      sql`
        update form_submission set state = ${to}, released_at = null, released_by = null, next_at = null
        where ${theirs} and (state = 'removed' or state = 'received' and worked_at is null) and answers is not null`,
    );
    const left = await maybeOne<{ kept: number }>(
      tx,
      sql`select count(*)::int as kept from form_submission where ${theirs}`,
    );
    return { count, kept: left?.kept ?? 0, name };
  },
  audit: ({ formId }, { count, name }) =>
    count === 0
      ? null
      : {
          summary: `Took back what was decided about ${inWords(count)} of the form “${name}”`,
          subject: `form:${formId}`,
        },
});

const inWords = (count: number) => (count === 1 ? 'a submission' : `${count.toLocaleString('en-GB')} submissions`);

async function nameOf(tx: Tx, sectionId: number, formId: number): Promise<string> {
  const found = await maybeOne<{ name: string }>(
    tx,
    sql`
      select name from form where section_id = ${sectionId} and id = ${formId} and deleted_at is null`,
  );
  return found?.name ?? refuse('not_found', 'This form does not exist in this section: it may have been deleted.');
}
