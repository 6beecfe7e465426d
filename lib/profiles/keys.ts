// Profile keys in the form in which they are stored, so that one person is not made twice.
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';

export type KeyspaceKind = 'email' | 'mobile' | 'crm_id';
export type NormalisedKey = { ok: true; key: string } | { ok: false; reason: string };

const KEY_MAX = 320;
const CONTROL = /\p{Cc}/u;
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\]]+\.[^\s@"(),:;<>[\\\].]{2,}$/;

/** The attribute that follows a key: setting the key sets it. */
export const KEY_ATTRIBUTES: Record<KeyspaceKind, string> = { email: 'email', mobile: 'mobile', crm_id: 'crmid' };

/**
 * Email: trimmed and lower-cased. Mobile: digits of the international number without '+' (46793699558); a national
 * number needs `country`. CRM ID: trimmed. The reason is for a person.
 */
export function normaliseKey(kind: KeyspaceKind, raw: string, country?: CountryCode): NormalisedKey {
  const text = raw.trim();
  if (text === '') return { ok: false, reason: 'the key is empty' };
  if (CONTROL.test(text)) return { ok: false, reason: 'the key has a line break or control character in it' };
  if (text.length > KEY_MAX) return { ok: false, reason: `the key is longer than ${KEY_MAX} characters` };
  switch (kind) {
    case 'email': {
      const email = text.toLowerCase();
      const valid = EMAIL.test(email) && !email.includes('..') && !email.startsWith('.');
      return valid ? { ok: true, key: email } : { ok: false, reason: `“${shown(text)}” is not an email address` };
    }
    case 'mobile': {
      const international = /^\d{9,15}$/.test(text) && !country ? `+${text}` : text.replace(/^00/, '+');
      const phone = parsePhoneNumberFromString(international, country);
      return phone?.isPossible()
        ? { ok: true, key: phone.number.slice(1) }
        : {
            ok: false,
            reason: `“${shown(text)}” is not a mobile number with its country code, such as +46 70 123 45 67`,
          };
    }
    case 'crm_id':
      return { ok: true, key: text };
  }
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
