// Sinch: POST …/batches with JSON. What it sends names the SMS by `client_reference`, and is signed if a secret was agreed on.
import { z } from 'zod';
import type { ReportReason, SmsReport } from '../outcome';
import {
  codeOf,
  jsonIn,
  printable,
  saysNoNumber,
  usualMeaning,
  withoutPlus,
  type ProviderCall,
  type SmsProvider,
} from '../provider';
import { hmac, isSame } from '../signature';

export const SINCH_REGIONS = ['eu', 'us', 'au', 'br', 'ca'] as const;

export const SinchSettings = z.object({
  region: z.enum(SINCH_REGIONS),
  servicePlanId: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Enter the service plan ID, as the Sinch dashboard shows it.'),
  /** Empty: that of the region. */
  origin: z.string().default(''),
});
export type SinchSettings = z.output<typeof SinchSettings>;
/** `hookSecret`: signs what Sinch sends; null: nothing was agreed on. `formerHookSecret`: the one before, while both may be used. */
export type SinchSecrets = { token: string; hookSecret: string | null; formerHookSecret: string | null };

type Known = { settings: SinchSettings; secrets: SinchSecrets };

const Taken = z.object({ id: z.string() });
const Refused = z.object({ code: z.string().catch(''), text: z.string().catch('') });
const Report = z.object({
  type: z.literal('recipient_delivery_report_sms'),
  batch_id: z.string(),
  client_reference: z.string().nullish(),
  recipient: z.string(),
  status: z.string(),
  code: z.int(),
});
const Incoming = z.object({ type: z.literal('mo_text'), from: z.string(), body: z.string() });

const STATES: Record<string, SmsReport['state']> = {
  queued: 'underway',
  dispatched: 'underway',
  unknown: 'underway',
  delivered: 'delivered',
  aborted: 'failed',
  rejected: 'failed',
  deleted: 'failed',
  failed: 'failed',
  cancelled: 'failed',
  expired: 'failed',
};

/** 402 unroutable, 404 temporary, 405 unmatched parameter, 406 expired inside, 407 rejected by the operator, 408 unknown subscriber. */
const FAILURES: Record<number, ReportReason> = {
  402: 'unreachable',
  404: 'unreachable',
  406: 'expired',
  407: 'policy',
  408: 'address',
};

const post = ({ settings, secrets }: Known, path: string, body: object): ProviderCall => ({
  url: `${settings.origin || `https://${settings.region}.sms.api.sinch.com`}/xms/v1/${settings.servicePlanId}/${path}`,
  method: 'POST',
  headers: { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Numbers go without +, names as they are. */
const fromOf = (from: string): string => withoutPlus(from);

/** How old a signed call may be, which nobody can send again later. */
const FRESH_S = 26 * 3_600;

export const sinch: SmsProvider<SinchSettings, SinchSecrets> = {
  name: 'Sinch',
  send: (account, { from, to, text, reference, callback, until }) =>
    post(account, 'batches', {
      from: fromOf(from),
      to: [to],
      body: text,
      ...(until !== null && { expire_at: until.toISOString() }),
      ...(reference !== null && { client_reference: reference }),
      ...(callback === null
        ? { delivery_report: 'none' }
        : { delivery_report: 'per_recipient', callback_url: callback }),
    }),
  outcome: (_account, answer) => {
    const json = jsonIn(answer.body);
    const refused = Refused.safeParse(json);
    const text = printable((refused.success && (refused.data.text || refused.data.code)) || answer.body);
    const usual = usualMeaning(answer, text);
    if (usual) return usual;
    const status = (refused.success && refused.data.code) || null;
    const said = { code: answer.status, status, text };
    if (answer.status < 300) {
      const taken = Taken.safeParse(json);
      return taken.success
        ? { kind: 'sent', ...said, text: `Taken by Sinch as ${taken.data.id}` }
        : { kind: 'unknown', ...said };
    }
    if (/sender|from|originator/i.test(`${status} ${text}`)) return { kind: 'senderFault', why: 'permission', ...said };
    return { kind: 'refused', why: saysNoNumber(text) ? 'address' : 'message', ...said };
  },
  probe: (account, from) => post(account, 'batches/dry_run', { from: fromOf(from), to: ['46700000000'], body: 'Test' }),
  isGenuine: ({ secrets: { hookSecret, formerHookSecret } }, { headers, body }) => {
    if (hookSecret === null) return true;
    const [nonce, at] = ['nonce', 'timestamp'].map((part) => headers[`x-sinch-webhook-signature-${part}`] ?? '');
    const given = headers['x-sinch-webhook-signature'] ?? '';
    const known = [hookSecret, formerHookSecret].flatMap((secret) =>
      secret === null ? [] : [isSame(given, hmac('sha256', secret, `${body}.${nonce}.${at}`))],
    );
    return known.includes(true) && Math.abs(Date.now() / 1_000 - Number(at)) < FRESH_S;
  },
  read: (_account, { body }, reference) => {
    const json = jsonIn(body);
    if (reference === null) {
      const incoming = Incoming.safeParse(json);
      if (!incoming.success) return null;
      return { is: 'answer', answer: { from: withoutPlus(incoming.data.from), text: incoming.data.body } };
    }
    const report = Report.safeParse(json);
    if (!report.success) return null;
    const { batch_id: providerId, status, code, client_reference: named } = report.data;
    // The signature covers the body, not the address: the SMS is the one that the body names.
    if (named != null && named !== reference) return null;
    const state = STATES[status.toLowerCase()];
    if (state === undefined) return null;
    const why =
      state !== 'failed' ? null : status.toLowerCase() === 'expired' ? 'expired' : (FAILURES[code] ?? 'other');
    return { is: 'report', report: { reference, providerId, state, why, code: codeOf(code), status } };
  },
};
