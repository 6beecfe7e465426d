// Twilio: POST …/Messages.json with a form; what it sends is signed with the account's token over the address and all parameters.
import { z } from 'zod';
import type { SmsOutcome, SmsReport, ReportReason } from '../outcome';
import {
  basic,
  codeOf,
  FORM,
  formOf,
  jsonIn,
  printable,
  retryAfter,
  secondsUntil,
  usualMeaning,
  withoutPlus,
  type SmsProvider,
} from '../provider';
import { hmac, isSame } from '../signature';

export const TwilioSettings = z.object({
  accountSid: z
    .string()
    .trim()
    .regex(/^AC[0-9a-f]{32}$/i, 'An account SID is AC and 32 digits or letters from a to f.'),
  /** Empty: the sender's own name or number is used. */
  messagingServiceSid: z
    .string()
    .trim()
    .regex(/^(MG[0-9a-f]{32})?$/i, 'A Messaging Service SID is MG and 32 digits or letters from a to f.')
    .default(''),
  origin: z.string().default('https://api.twilio.com'),
});
export type TwilioSettings = z.output<typeof TwilioSettings>;
/** `former`: the token before, with which reports may still be signed. */
export type TwilioSecrets = { authToken: string; former: string | null };

const Taken = z.object({
  sid: z.string(),
  status: z.string().catch('queued'),
  error_code: z.int().nullable().catch(null),
});
const Refused = z.object({ code: z.int(), message: z.string().catch('') });

/** What codes mean that come with a refusal. Others, with status 400, are about the message. */
const REFUSALS: Record<number, Extract<SmsOutcome, { kind: 'refused' }>['why']> = {
  21211: 'address',
  21217: 'address',
  21614: 'address',
  21610: 'optedOut',
  21408: 'unreachable',
  21612: 'unreachable',
  21215: 'unreachable',
  21617: 'message',
  21602: 'message',
  30007: 'policy',
};
const PACE = new Set([20429, 21611, 30001, 30022, 63038]);
const CREDENTIALS = new Set([20003, 20006, 20008]);
/** About the sender, so that it would be the same for everybody. */
const OF_SENDER = new Set([20404, 21212, 21603, 21606, 21609, 21618, 21659, 21660, 21661, 21664, 21701, 21703, 21705]);

/** Why an SMS failed after it was taken. */
const FAILURES: Record<number, ReportReason> = {
  21610: 'optedOut',
  21211: 'address',
  21614: 'address',
  30003: 'unreachable',
  30004: 'unreachable',
  30005: 'address',
  30006: 'address',
  30007: 'policy',
  30036: 'expired',
};

const STATES: Record<string, SmsReport['state']> = {
  accepted: 'underway',
  scheduled: 'underway',
  queued: 'underway',
  sending: 'underway',
  sent: 'underway',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** The signature of a form: the address and then each parameter's name and value, sorted by name. */
export function twilioSignature(token: string, url: string, body: string): string {
  const form = [...new URLSearchParams(body)].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  return hmac('sha1', token, url + form.map(([name, value]) => name + value).join(''));
}

const meaning = ({ code, message }: z.output<typeof Refused>, wait: string | undefined): SmsOutcome | null => {
  const answer = { code: codeOf(code), status: String(code), text: printable(message) };
  const why = REFUSALS[code];
  if (why) return { kind: 'refused', why, ...answer };
  if (PACE.has(code)) return { kind: 'deferred', why: 'pace', ...answer, ...retryAfter(wait) };
  if (CREDENTIALS.has(code)) return { kind: 'senderFault', why: 'credentials', ...answer };
  return OF_SENDER.has(code) ? { kind: 'senderFault', why: 'permission', ...answer } : null;
};

/** The longest that Twilio keeps an SMS, which it does unless it is told. */
const VALIDITY_MOST_S = 36_000;

export const twilio: SmsProvider<TwilioSettings, TwilioSecrets> = {
  name: 'Twilio',
  send: ({ settings, secrets }, { from, to, text, callback, until }) => ({
    url: `${settings.origin}/2010-04-01/Accounts/${settings.accountSid}/Messages.json`,
    method: 'POST',
    headers: { authorization: basic(settings.accountSid, secrets.authToken), 'content-type': FORM },
    body: formOf({
      To: `+${to}`,
      ...(settings.messagingServiceSid === '' ? { From: from } : { MessagingServiceSid: settings.messagingServiceSid }),
      Body: text,
      StatusCallback: callback,
      ValidityPeriod: until && String(Math.min(VALIDITY_MOST_S, secondsUntil(until))),
    }),
  }),
  outcome: (_account, answer) => {
    const json = jsonIn(answer.body);
    const taken = answer.status < 300 ? Taken.safeParse(json) : undefined;
    if (taken?.success) {
      const { sid, status, error_code: code } = taken.data;
      const known = code === null ? null : meaning({ code, message: `Twilio could not send ${sid}.` }, undefined);
      return known ?? { kind: 'sent', code: answer.status, status, text: `Taken by Twilio as ${sid}` };
    }
    const refused = Refused.safeParse(json);
    const text = refused.success ? printable(refused.data.message) : printable(answer.body);
    const own = refused.success ? meaning(refused.data, answer.headers['retry-after']) : null;
    const usual = own ?? usualMeaning(answer, text);
    if (usual) return usual;
    const said = { code: refused.success ? codeOf(refused.data.code) : answer.status, status: null, text };
    return taken ? { kind: 'unknown', ...said } : { kind: 'refused', why: 'message', ...said };
  },
  probe: ({ settings, secrets }) => ({
    url: `${settings.origin}/2010-04-01/Accounts/${settings.accountSid}.json`,
    method: 'GET',
    headers: { authorization: basic(settings.accountSid, secrets.authToken) },
  }),
  isGenuine: ({ secrets }, { url, headers, body }) => {
    const given = headers['x-twilio-signature'] ?? '';
    const tokens = secrets.former === null ? [secrets.authToken] : [secrets.authToken, secrets.former];
    return tokens.map((token) => isSame(given, twilioSignature(token, url, body))).includes(true);
  },
  read: (_account, { body }, reference) => {
    const form = new URLSearchParams(body);
    const [from, text] = [form.get('From'), form.get('Body')];
    if (reference === null) {
      return from !== null && text !== null ? { is: 'answer', answer: { from: withoutPlus(from), text } } : null;
    }
    const status = form.get('MessageStatus') ?? '';
    const state = STATES[status];
    if (state === undefined) return null;
    const code = codeOf(form.get('ErrorCode') ?? undefined);
    const why = state === 'failed' ? ((code === null ? undefined : FAILURES[code]) ?? 'other') : null;
    return { is: 'report', report: { reference, providerId: form.get('MessageSid'), state, why, code, status } };
  },
};
