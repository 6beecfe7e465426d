// The form of an SMS sender as texts, and what is sent of it.
import { SMS_KINDS, type SmsKind } from '@/lib/sms/kinds';
import type { SenderView } from '@/lib/sending/schema';

/** Each field of the form; those of settings begin with a dot. */
export const EMPTY = {
  kind: 'sms-46elks' as SmsKind,
  name: 'SMS',
  from: '',
  secret: '',
  hookSecret: '',
  testTo: '',
  connections: '5',
  perSecond: '',
  perHour: '',
  perDay: '',
  '.user': '',
  '.accountSid': '',
  '.messagingServiceSid': '',
  '.region': 'eu',
  '.servicePlanId': '',
  '.method': 'POST',
  '.url': '',
  '.headers': 'Authorization: Bearer {{ secret }}',
  '.bodyType': 'json',
  '.body':
    '{\n  "from": {{ from | json }},\n  "to": {{ to | json }},\n  "text": {{ text | json }},\n  "reference": {{ reference | json }},\n  "callback": {{ callback | json }}\n}',
  '.idPath': '',
  '.okPath': '',
  '.okValues': '',
  '.throttleStatuses': '429',
  '.statusField': 'status',
  '.deliveredValues': 'delivered',
  '.failedValues': 'failed, undelivered, rejected, expired',
};
export type SmsTexts = typeof EMPTY;
export type SmsField = keyof SmsTexts;

const SETTINGS: Record<SmsKind, readonly SmsField[]> = {
  'sms-46elks': ['.user'],
  'sms-twilio': ['.accountSid', '.messagingServiceSid'],
  'sms-sinch': ['.region', '.servicePlanId'],
  'sms-http': [
    '.method',
    '.url',
    '.headers',
    '.bodyType',
    '.body',
    '.idPath',
    '.okPath',
    '.okValues',
    '.throttleStatuses',
    '.statusField',
    '.deliveredValues',
    '.failedValues',
  ],
};

/** What the form shows at first. */
export function textsOf(sender: SenderView | null, suggestedFrom: string): SmsTexts {
  const sms = sender?.sms;
  if (!sender || !sms) return { ...EMPTY, from: suggestedFrom };
  const { account, connections, ...limits } = sms;
  const settings: Record<string, string> = account.settings;
  const shown = Object.fromEntries(SETTINGS[account.kind].map((field) => [field, settings[field.slice(1)] ?? '']));
  return {
    ...EMPTY,
    ...shown,
    kind: account.kind,
    name: sender.name,
    from: sender.fromAddress,
    connections: String(connections),
    perSecond: String(limits.perSecond ?? ''),
    perHour: String(limits.perHour ?? ''),
    perDay: String(limits.perDay ?? ''),
  };
}

/** What the action gets. */
export function inputOf(texts: SmsTexts) {
  const { kind, name, from, secret, hookSecret, testTo, connections, perSecond, perHour, perDay } = texts;
  const settings = Object.fromEntries(SETTINGS[kind].map((field) => [field.slice(1), texts[field]]));
  return {
    account: { kind, settings },
    ...{ name, from, secret, hookSecret, testTo, connections, perSecond, perHour, perDay },
  };
}

/** What a field is called in a refusal. */
export const refusedName = (field: SmsField): string =>
  field === 'kind' ? 'account.kind' : field.startsWith('.') ? `account.settings${field}` : field;

export const REFUSED_NAMES = (Object.keys(EMPTY) as SmsField[]).map(refusedName);

export const KINDS = SMS_KINDS;
