// Bounces and complaints of Amazon SES, which come through a topic of SNS.
import { z } from 'zod';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import type { BounceClass } from '@/lib/messages/bounce-class';
import type { Answer, Said } from '@/lib/messages/bounces';
import { openSenderOfReports } from '@/lib/sending/queries';
import { printable } from '@/lib/sending/smtp/reply';
import { parseStorable } from '@/lib/text/storable';
import type { HookAnswer } from './hook';
import { readHookName } from './hook-address';
import { noteCall } from './note-call';
import { confirmSubscription, isSignedByAmazon, readEnvelope, type Fetch } from './sns';
import { openBounces, type SenderOf } from './state';
import { classOf, statusIn } from './status';
import { record, tieToRecipients, type Told } from './tie';

const Text = z.string().max(5_000).nullish();
const MailSchema = z.object({
  messageId: Text,
  source: Text,
  commonHeaders: z.object({ messageId: Text, returnPath: Text }).nullish(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
const NotificationSchema = z.object({
  notificationType: Text,
  eventType: Text,
  mail: MailSchema,
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: Text,
      feedbackId: Text,
      timestamp: Text,
      bouncedRecipients: z
        .array(z.object({ emailAddress: z.string().max(1_000), status: Text, diagnosticCode: Text }))
        .max(100),
    })
    .nullish(),
  complaint: z
    .object({
      complaintFeedbackType: Text,
      feedbackId: Text,
      timestamp: Text,
      complainedRecipients: z.array(z.object({ emailAddress: z.string().max(1_000) })).max(100),
    })
    .nullish(),
});
type Notification = z.output<typeof NotificationSchema>;

/** Takes what SNS posts. Throws, so that it is sent again, if its certificate cannot be fetched now. */
export async function receiveSns(
  { name, body }: { name: string; body: string },
  { fetch, now = new Date() }: { fetch?: Fetch; now?: Date } = {},
): Promise<HookAnswer> {
  const of = readHookName('ses', name);
  const envelope = readEnvelope(body);
  const sender = of && envelope && (await openSenderOfReports(pool(), of.sectionId, of.senderId));
  if (!of || !envelope || !sender) return { is: 'gone' };
  const { topicArn } = await openBounces(pool(), of);
  // Anybody's topic is signed by Amazon: only the one that was set is believed.
  if (topicArn === null || envelope.TopicArn !== topicArn) return { is: 'gone' };
  if (!(await isSignedByAmazon(envelope, fetch, now))) return { is: 'gone' };
  switch (envelope.Type) {
    case 'SubscriptionConfirmation':
      return confirm(of, await confirmSubscription(envelope, fetch), now);
    case 'UnsubscribeConfirmation':
      await setConfirmed(of, null);
      return { is: 'taken' };
    case 'Notification':
      return take(of, envelope.Message, envelope.MessageId, now);
  }
}

async function confirm(of: SenderOf, isDone: boolean, now: Date): Promise<HookAnswer> {
  const why = 'Its address to confirm the subscription is not one of Amazon for this topic.';
  await (isDone ? setConfirmed(of, now) : noteCall(of, now, why));
  return isDone ? { is: 'taken' } : { is: 'invalid', why };
}

async function setConfirmed({ sectionId, senderId }: SenderOf, at: Date | null): Promise<void> {
  await execute(
    pool(),
    sql`
      update sender_bounces set confirmed_at = ${at}, call_problem = null
      where section_id = ${sectionId} and sender_id = ${senderId}`,
  );
}

async function take(of: SenderOf, message: string, id: string, now: Date): Promise<HookAnswer> {
  const notification = readNotification(message);
  // A topic may carry other things, such as the words with which SES greets it.
  if (notification === undefined) {
    await noteCall(of, now, null);
    return { is: 'taken' };
  }
  await record(of, await tieToRecipients(of, toldIn(notification, id, now), now));
  await noteCall(of, now, null);
  return { is: 'taken' };
}

function readNotification(message: string): Notification | undefined {
  try {
    return NotificationSchema.parse(parseStorable(message));
  } catch {
    return undefined;
  }
}

function toldIn({ mail, bounce, complaint }: Notification, id: string, now: Date): Told[] {
  const quoted = (mail.headers ?? [])
    .filter(({ name: header }) => /^(message-id|return-path|x-ses-return-path)$/i.test(header))
    .map(({ value }) => `<${value}>`);
  const common = [mail.source, mail.commonHeaders?.returnPath, mail.commonHeaders?.messageId];
  const named = [...common.map((text) => `<${text ?? ''}>`), ...quoted];
  const told = (
    address: string,
    about: { feedbackId?: string | null; timestamp?: string | null },
    said: Said,
    { status = null, text }: { status?: string | null; text: string },
  ): Told => {
    const bare = /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address;
    const code = /(?:^|\D)([45]\d\d)(?:\D|$)/.exec(text)?.[1];
    const at = new Date(Math.min(Date.parse(about.timestamp ?? '') || now.getTime(), now.getTime()));
    const answer: Omit<Answer, 'about'> = {
      said,
      id: `${about.feedbackId ?? id} ${bare}`,
      code: code === undefined ? null : Number(code),
      status,
      text: printable(text),
      at,
      via: 'ses',
    };
    return { address: bare, named, answer };
  };
  const bounces = (bounce?.bouncedRecipients ?? []).flatMap(({ emailAddress, status, diagnosticCode }): Told[] => {
    const text = (diagnosticCode ?? '').replace(/^smtp;\s*/i, '');
    const read = statusIn(status ?? '') ?? statusIn(text);
    const why = classOfSes(bounce!.bounceType, bounce!.bounceSubType ?? '', read, text);
    if (why === null) return [];
    const words = text || `${bounce!.bounceType}: ${bounce!.bounceSubType ?? ''}`;
    return [told(emailAddress, bounce!, { kind: 'bounce', why }, { status: read, text: words })];
  });
  const type = (complaint?.complaintFeedbackType ?? 'abuse')
    .toLowerCase()
    .replace(/[^a-z-]/g, '')
    .slice(0, 30);
  if (!complaint || type === 'not-spam') return bounces;
  const complaints = complaint.complainedRecipients.map(({ emailAddress }) =>
    told(emailAddress, complaint, { kind: 'complaint', why: type }, { text: 'Reported by Amazon SES' }),
  );
  return [...bounces, ...complaints];
}

/** Null: an automatic answer, which SES calls a bounce. */
function classOfSes(type: string, subType: string, status: string | null, text: string): BounceClass | null {
  const said = classOf(status, text);
  if (type === 'Permanent') {
    // The words of a policy say nothing against the person, whatever SES calls it.
    return ['policy', 'message', 'ours', 'unreachable'].includes(said) && subType === 'General' ? said : 'address';
  }
  if (/^(MessageTooLarge|ContentRejected|AttachmentRejected)$/.test(subType)) return 'message';
  if (subType === 'MailboxFull') return 'full';
  if (type === 'Transient' && subType === 'General' && text === '') return null;
  return said === 'address' ? 'other' : said;
}
