// Sends the mail that asks to confirm a submission once more, as somebody who says that they have not got it may have asked for it.
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SubmissionIdSchema } from '@/lib/db/ids';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { addMailsJob, hasRoom, mailboxOf } from './mails';
import { nameOf } from './quarantine';
import { findVersion } from './queries';
import { InForm, type SubmissionState } from './schema';

const DAY_MS = 86_400_000;

/** Queues the mail: once for each submission, and within the limits of its mailbox. */
export const sendConfirmationAgain = command({
  name: 'forms.send-confirmation-again',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ submissionId: SubmissionIdSchema }),
  run: async ({ tx }, { sectionId, formId, submissionId }) => {
    const name = await nameOf(tx, sectionId, formId);
    const now = new Date();
    const found = await maybeOne<{ state: SubmissionState; version: number; addressKey: string | null; since: Date }>(
      tx,
      sql`
        select state, version, address_key as "addressKey", coalesce(worked_at, at) as since from form_submission
        where section_id = ${sectionId} and form_id = ${formId} and id = ${submissionId}
        for no key update`,
    );
    if (found?.state !== 'pending' || found.addressKey === null)
      return refuse('conflict', 'This submission waits for no confirmation any more.');
    const { optIn } = (await findVersion(tx, sectionId, formId, found.version))!;
    if (found.since.getTime() + optIn.validDays * DAY_MS <= now.getTime())
      return refuse('conflict', 'The link in the mail is valid no longer. The form has to be sent again.');
    const mails = await maybeOne<{ isOnItsWay: boolean; isSentAgain: boolean }>(
      tx,
      sql`
        select bool_or(state = 'waiting' and kind <> 'reminder') as "isOnItsWay", bool_or(kind = 'again') as "isSentAgain"
        from form_mail where section_id = ${sectionId} and submission_id = ${submissionId}`,
    );
    if (mails?.isOnItsWay) refuse('conflict', 'The mail is still on its way.');
    if (mails?.isSentAgain) refuse('conflict', 'The mail has been sent once more already.');
    const mailbox = mailboxOf(found.addressKey);
    if (!(await hasRoom(tx, sectionId, mailbox, now)))
      return refuse('conflict', 'This mailbox has had enough of these mails for now.');
    await execute(
      tx,
      sql`
        insert into form_mail (section_id, submission_id, kind, state, address_key, next_at, created_at)
        values (${sectionId}, ${submissionId}, 'again', 'waiting', ${mailbox}, ${now}, ${now})`,
    );
    await addMailsJob(tx, sectionId);
    return { name };
  },
  audit: ({ formId }, { name }) => ({
    summary: `Sent the mail that asks to confirm a submission of the form “${name}” again`,
    subject: `form:${formId}`,
  }),
});
