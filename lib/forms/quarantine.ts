// What a person decides about submissions: about those that wait for one, as they looked like spam or could not be applied, and that others are removed. Each
// decision can be taken back until it has had its effect.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SubmissionIdSchema } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Sql, type Tx } from '@/lib/db/sql';
import { InForm } from './schema';
import { addWorkJob } from './work-job';

/** What only rows have that were in a state: nobody makes one of these of something else by taking back. */
const WAS: Record<z.output<typeof DecidedSchema>, Sql> = {
  quarantined: sql`and worked_at is null`,
  failed: sql``,
  waiting: sql``,
  pending: sql`and worked_at is not null and confirmed_at is null`,
  done: sql`and worked_at is not null and profile_id is not null`,
};

/** As long as an undo is offered. Then what was released is applied. */
const UNDO_MS = 20_000;
const AT_ONCE_MAX = 1_000;

/** The states from which something is decided. */
const WAITING_FOR_SOMEBODY = ['quarantined', 'failed'] as const;
const DecidedSchema = z.enum([...WAITING_FOR_SOMEBODY, 'done', 'pending', 'waiting']);

const DecideSchema = InForm.extend({
  from: DecidedSchema,
  /** Null: all that are in this state. */
  submissionIds: z.array(SubmissionIdSchema).min(1).max(AT_ONCE_MAX).nullable(),
  decision: z.enum(['release', 'remove']),
}).refine(
  ({ from, submissionIds, decision }) =>
    (WAITING_FOR_SOMEBODY as readonly string[]).includes(from) || (decision === 'remove' && submissionIds !== null),
  { message: 'Others are removed by choice only.', path: ['submissionIds'] },
);

/**
 * Releases submissions, which are applied soon after, or removes them: `{ count, decidedAt }`, by which it is undone. What was applied stays with the people:
 * their answers are no longer listed, in no segment and in no timeline, and forgotten like all that is removed.
 */
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
    // What waited for the form may have missed that it was fixed.
    const [backTo, nextAt] = to === 'waiting' ? (['received', new Date()] as const) : ([to, null] as const);
    const count = await execute(
      tx,
      sql`
        update form_submission set state = ${backTo}, released_at = null, released_by = null, next_at = ${nextAt}::timestamptz
        where ${theirs} and (state = 'removed' or state = 'received' and worked_at is null) and answers is not null
          ${WAS[to]}`,
    );
    if (nextAt !== null && count > 0) await addWorkJob(tx, sectionId);
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

/** The name of a form that was not deleted. */
export async function nameOf(tx: Tx, sectionId: number, formId: number): Promise<string> {
  const found = await maybeOne<{ name: string }>(
    tx,
    sql`
      select name from form where section_id = ${sectionId} and id = ${formId} and deleted_at is null`,
  );
  return found?.name ?? refuse('not_found', 'This form does not exist in this section: it may have been deleted.');
}
