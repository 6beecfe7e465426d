// Sends the mails that ask people to confirm. At least once: what may have been lost is sent again, as the same message.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { installationAddress } from '@/lib/config/installation';
import { SectionIdSchema, SenderIdSchema, type FormId, type SectionId, type SubmissionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { compose, ComposeError } from '@/lib/sending/compose/compose';
import { domainOfSender, openTransport } from '@/lib/sending/open-transport';
import type { Outcome } from '@/lib/sending/outcome';
import { openSender, sendersOn } from '@/lib/sending/queries';
import type { OpenSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import type { SuppressionReason } from '@/lib/suppression/schema';
import { isOwnStop } from '@/lib/preferences/preferences';
import { messageIdOfFormMail, returnAddressOfFormMail } from './mail-returns';
import { contentOf } from './mail-words';
import { addMailsJob } from './mails';
import { titleOf } from './page';
import { FormDocumentSchema, type FormDocument } from './schema';
import { CONFIRM_PATH, confirmToken } from './token';

export const MailsJobSchema = z.object({ sectionId: SectionIdSchema });

const AT_ONCE = 40;
const LEASE_MS = 10 * 60_000;
/** Minutes until each further attempt. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 240, 240];
/** How long mails wait for a sender. */
const NO_SENDER_MINUTES = 15;

type Mail = {
  id: number;
  submissionId: SubmissionId;
  formId: FormId;
  sectionName: string;
  kind: 'confirm' | 'reminder' | 'again';
  to: string;
  attempts: number;
  createdAt: Date;
  document: FormDocument;
};

type Options = Partial<PoolOptions> & { signal?: AbortSignal; now?: () => Date };

/** Sends the section's mails until none is due, and has the next one sent in its time. */
export async function sendFormMails(
  sectionId: SectionId,
  { signal, now = () => new Date(), ...options }: Options = {},
): Promise<void> {
  for (;;) {
    if (signal?.aborted) return addMailsJob(pool(), sectionId);
    await endMoot(sectionId, now());
    const mails = await claim(sectionId, now());
    if (mails.length === 0) break;
    const senders = new Map<number | null, Mail[]>();
    for (const mail of mails) {
      const { senderId } = mail.document.optIn;
      senders.set(senderId, [...(senders.get(senderId) ?? []), mail]);
    }
    for (const [senderId, group] of senders) await sendThrough(sectionId, senderId, group, options, now());
  }
  const next = await maybeOne<{ at: Date | null }>(
    pool(),
    sql`
      select min(greatest(next_at, lease_until)) as at from form_mail
      where section_id = ${sectionId} and state = 'waiting'`,
  );
  if (next?.at) await addMailsJob(pool(), sectionId, next.at);
}

/**
 * Reasons for which an address gets no mail that asks to confirm. A bounce is none: a confirmation shows that the address works; nor is the person's
 * own 'nothing any more', which a confirmation takes back.
 */
const STOPPING: readonly SuppressionReason[] = ['complaint', 'manual'];

/** Mails of submissions that no longer wait for a confirmation, or whose link would be of no use any more, and those to people who want none. */
async function endMoot(sectionId: SectionId, now: Date): Promise<void> {
  const isStopped = sql`exists (
    select from suppression
    where suppression.section_id = ${sectionId} and suppression.channel = 'email'
      and suppression.address_key = submission.address_key collate "C" and suppression.lifted_at is null
      and suppression.reason = any(${STOPPING}::text[]) and not ${isOwnStop(sql`suppression`)}
  )`;
  const isExpired = sql`coalesce(submission.worked_at, submission.at)
    + make_interval(days => (version.document -> 'optIn' ->> 'validDays')::int) <= ${now}`;
  // Somebody who has sent the form again, and confirmed that, needs no reminder.
  const isAnswered = sql`(mail.kind = 'reminder' and exists (
    select from form_submission other
    where other.section_id = ${sectionId} and other.form_id = submission.form_id
      and other.address_key = submission.address_key and other.confirmed_at >= submission.at
  ))`;
  const moot = await rows<{ id: number; state: string }>(
    pool(),
    sql`
      select mail.id, case when ${isStopped} then 'suppressed' else 'cancelled' end as state
      from form_mail mail
      join form_submission submission
        on submission.section_id = ${sectionId} and submission.id = mail.submission_id
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = submission.form_id
        and version.version = submission.version
      where mail.section_id = ${sectionId} and mail.state = 'waiting' and mail.next_at <= ${now}
        and (submission.state <> 'pending' or submission.address_key is null or ${isExpired} or ${isAnswered} or ${isStopped})`,
  );
  if (moot.length === 0) return;
  await execute(
    pool(),
    sql`
      update form_mail mail set state = moot.state, ended_at = ${now}, next_at = null
      from unnest(${moot.map(({ id }) => id)}::bigint[], ${moot.map(({ state }) => state)}::text[]) moot (id, state)
      where mail.section_id = ${sectionId} and mail.id = moot.id and mail.state = 'waiting'`,
  );
}

async function claim(sectionId: SectionId, now: Date): Promise<Mail[]> {
  const lease = randomUUID();
  const claimed = await rows<Omit<Mail, 'document'> & { document: unknown }>(
    pool(),
    sql`
      with due as materialized (
        select id from form_mail
        where section_id = ${sectionId} and state = 'waiting' and next_at <= ${now}
          and (lease_until is null or lease_until < ${now})
        order by next_at
        limit ${AT_ONCE}
        for update skip locked
      ),
      claimed as (
        update form_mail mail
        set lease = ${lease}, lease_until = ${new Date(now.getTime() + LEASE_MS)}, attempts = mail.attempts + 1
        from due
        where mail.section_id = ${sectionId} and mail.id = due.id
        returning mail.id, mail.submission_id, mail.kind, mail.attempts, mail.created_at
      )
      select claimed.id, submission.id as "submissionId", submission.form_id as "formId",
        section.name as "sectionName", claimed.kind,
        submission.address_key as "to", claimed.attempts, claimed.created_at as "createdAt", version.document
      from claimed
      join section on section.id = ${sectionId}
      join form_submission submission
        on submission.section_id = ${sectionId} and submission.id = claimed.submission_id
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = submission.form_id
        and version.version = submission.version`,
  );
  return claimed.map((mail) => ({ ...mail, document: FormDocumentSchema.parse(mail.document) }));
}

async function sendThrough(
  sectionId: SectionId,
  senderId: number | null,
  mails: readonly Mail[],
  options: Partial<PoolOptions>,
  now: Date,
): Promise<void> {
  const sender = await senderOf(pool(), sectionId, senderId);
  const why = !sender
    ? 'The section has no sender for email. Add one in Settings → Sending.'
    : sender.pausedAt
      ? `The sender “${sender.name}” is paused.`
      : null;
  if (!sender || why !== null)
    return wait(sectionId, mails, {
      until: new Date(now.getTime() + NO_SENDER_MINUTES * 60_000),
      why: why!,
      tried: false,
    });
  const room = await transaction((tx) => takeRoom(tx, sender, mails.length, now));
  const [going, waiting] = [mails.slice(0, room.granted), mails.slice(room.granted)];
  if (waiting.length > 0) {
    const why = `The sender “${sender.name}” has reached its limit.`;
    await wait(sectionId, waiting, { until: room.nextAt ?? now, why, tried: false });
  }
  const transport = openTransport(sender, options);
  try {
    await Promise.all(
      going.map(async (mail) => settle(sectionId, mail, await handOver(sectionId, mail, sender, transport), now)),
    );
  } finally {
    await transport.close();
  }
}

/** The sender that a form names, or the section's first one for email. */
async function senderOf(db: Db, sectionId: SectionId, wanted: number | null): Promise<OpenSender | undefined> {
  const known = SenderIdSchema.safeParse(wanted);
  const named = known.success ? await openSender(db, sectionId, known.data) : undefined;
  if (named) return named;
  const [first] = await sendersOn(db, sectionId, 'email');
  return first && openSender(db, sectionId, first.id);
}

async function handOver(
  sectionId: SectionId,
  { id, submissionId, sectionName, kind, to, document, createdAt }: Mail,
  sender: OpenSender,
  transport: ReturnType<typeof openTransport>,
): Promise<Outcome | ComposeError> {
  const address = `${installationAddress()}${CONFIRM_PATH}${confirmToken({ sectionId, submissionId })}`;
  try {
    const mail = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: '', address: to },
      replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
      ...contentOf(document, { form: titleOf(document, sectionName), address, isReminder: kind === 'reminder' }),
      returnTo: returnAddressOfFormMail(sender.settings.returns, { sectionId, id }),
      messageId: messageIdOfFormMail({ sectionId, id }, domainOfSender(sender)),
      date: createdAt,
      automatic: true,
    });
    return await transport.deliver({ ...mail, forEveryone: true });
  } catch (error) {
    if (error instanceof ComposeError) return error;
    throw error;
  }
}

async function settle(sectionId: SectionId, mail: Mail, outcome: Outcome | ComposeError, now: Date): Promise<void> {
  if (outcome instanceof ComposeError) return end(sectionId, mail, 'failed', outcome.message, now);
  if (outcome.kind === 'sent') return end(sectionId, mail, 'sent', outcome.text, now);
  if (outcome.kind === 'refused') return end(sectionId, mail, 'refused', outcome.text, now);
  const minutes = RETRY_MINUTES[mail.attempts - 1];
  if (minutes === undefined) return end(sectionId, mail, 'failed', outcome.text, now);
  const until = new Date(now.getTime() + minutes * 60_000);
  await wait(sectionId, [mail], { until, why: outcome.text, tried: true });
}

async function end(
  sectionId: SectionId,
  { id }: Mail,
  state: 'sent' | 'refused' | 'failed',
  outcome: string,
  now: Date,
): Promise<void> {
  await execute(
    pool(),
    sql`
      update form_mail
      set state = ${state}, outcome = ${outcome}, ended_at = ${now}, next_at = null, lease = null, lease_until = null
      where section_id = ${sectionId} and id = ${id} and state = 'waiting'`,
  );
}

/** `tried`: somebody was asked to take them. Only that counts as an attempt. */
async function wait(
  sectionId: SectionId,
  mails: readonly Mail[],
  { until, why, tried }: { until: Date; why: string; tried: boolean },
): Promise<void> {
  await execute(
    pool(),
    sql`
      update form_mail
      set next_at = ${until}, outcome = ${why}, lease = null, lease_until = null, attempts = attempts - ${tried ? 0 : 1}::int
      where section_id = ${sectionId} and id = any(${mails.map(({ id }) => id)}::bigint[]) and state = 'waiting'`,
  );
}
