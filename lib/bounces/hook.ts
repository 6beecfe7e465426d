// Calls of any provider or mail server, in a form of our own (docs/operations.md), signed as our webhooks are (Standard Webhooks). A call that comes again changes nothing.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { BOUNCE_HOOKS as LIMITS } from '@/lib/config/limits';
import { pool } from '@/lib/db/pool';
import type { BounceClass } from '@/lib/messages/bounce-class';
import type { Answer } from '@/lib/messages/bounces';
import { openSenderOfReports } from '@/lib/sending/queries';
import { printable } from '@/lib/sending/smtp/reply';
import { isSame } from '@/lib/sms/signature';
import { shortened } from '@/lib/text/shortened';
import { parseStorable, storable } from '@/lib/text/storable';
import { readHookName } from './hook-address';
import { noteCall } from './note-call';
import { openBounces } from './state';
import { classOf, statusIn } from './status';
import { record, tieToRecipients, type Told } from './tie';

/** A call as it came in. `name`: the last part of the address. */
export type HookCall = { name: string; headers: Record<string, string>; body: string };

/** `gone`: nothing is reported here, or the signature is not right; the caller is not told which. `invalid`: signed, and not to be understood. */
export type HookAnswer = { is: 'taken' } | { is: 'gone' } | { is: 'invalid'; why: string };

const CLASSES = { hard: 'address', soft: 'other', policy: 'policy' } as const satisfies Record<string, BounceClass>;

const EventSchema = z
  .object({
    id: z.string().min(1).max(200).optional(),
    type: z.enum(['bounce', 'complaint']),
    class: z.enum(['hard', 'soft', 'policy']).optional(),
    status: z.string().max(60).optional(),
    text: z.string().max(5_000).default(''),
    at: z.iso.datetime({ offset: true }).optional(),
    messageId: z.string().max(1_000).optional(),
    returnPath: z.string().max(1_000).optional(),
    address: z.string().max(320).optional(),
  })
  .refine(
    ({ messageId, returnPath, address }) => messageId ?? returnPath ?? address,
    'Name the mail by messageId, returnPath or address.',
  );
const BodySchema = z.object({ events: z.array(EventSchema).min(1).max(LIMITS.events) });

/** Takes a call. */
export async function receiveBounceCall({ name, headers, body }: HookCall, now = new Date()): Promise<HookAnswer> {
  const of = readHookName('bounces', name);
  const sender = of && (await openSenderOfReports(pool(), of.sectionId, of.senderId));
  if (!of || !sender) return { is: 'gone' };
  const { hookSecret, formerHookSecret } = (await openBounces(pool(), of)).secrets;
  const id = headers['webhook-id'] ?? '';
  if (![hookSecret, formerHookSecret].some((secret) => secret !== null && isSigned(secret, { headers, body, now }))) {
    return { is: 'gone' };
  }
  const read = readBody(body);
  if ('why' in read) {
    await noteCall(of, now, read.why);
    return { is: 'invalid', why: read.why };
  }
  const told = read.events.map((event, nth): Told => ({
    address: event.address ?? null,
    named: [event.returnPath ?? '', event.messageId ?? ''],
    answer: answerOf(event, `${event.id ?? `${id} ${nth}`}`, now),
  }));
  await record(of, await tieToRecipients(of, told, now));
  await noteCall(of, now, null);
  return { is: 'taken' };
}

function isSigned(
  secret: string,
  { headers, body, now }: { headers: Record<string, string>; body: string; now: Date },
): boolean {
  const [id = '', timestamp = '', given = ''] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  );
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1_000) > LIMITS.toleranceMs) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const right = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  return given.split(' ').some((one) => isSame(one, right));
}

function readBody(body: string): z.output<typeof BodySchema> | { why: string } {
  let json: unknown;
  try {
    json = parseStorable(body);
  } catch {
    return { why: 'The body is not JSON.' };
  }
  const parsed = BodySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { why: shortened(storable(`${issue?.path.join('.')}: ${issue?.message}`), 300) };
}

function answerOf(event: z.output<typeof EventSchema>, id: string, now: Date): Omit<Answer, 'about'> {
  const text = printable(event.text);
  const status = statusIn(event.status ?? '') ?? statusIn(text);
  const at = event.at === undefined ? now : new Date(Math.min(Date.parse(event.at), now.getTime()));
  const code = /^([45]\d\d)\b/.exec(text)?.[1];
  const why = event.class ? CLASSES[event.class] : classOf(status, text);
  return {
    said: event.type === 'complaint' ? { kind: 'complaint', why: 'abuse' } : { kind: 'bounce', why },
    id,
    code: code === undefined ? null : Number(code),
    status,
    text,
    at,
    via: 'webhook',
  };
}
