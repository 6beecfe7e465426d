// The kinds of SMS senders. Imports nothing, so that the browser can use it.

export const SMS_KINDS = ['sms-46elks', 'sms-twilio', 'sms-sinch', 'sms-http'] as const;
export type SmsKind = (typeof SMS_KINDS)[number];

export const isSmsKind = (kind: string): kind is SmsKind => SMS_KINDS.some((known) => known === kind);

export const SMS_KIND_NAMES: Record<SmsKind, string> = {
  'sms-46elks': '46elks',
  'sms-twilio': 'Twilio',
  'sms-sinch': 'Sinch',
  'sms-http': 'Another provider (HTTP)',
};

/** When marketing by SMS leaves unless an Admin chooses other hours. */
export const USUAL_SMS_HOURS = { from: 8, to: 20 } as const;
