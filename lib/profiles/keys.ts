// Normalises profile keys, so that each person gets only one profile.
import { domainToUnicode } from 'node:url';
import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max';
import { unprotected } from '@/lib/export/formulas';
import { withoutInvisible } from '@/lib/text/canonical';
import { isRoundedNumber, ROUNDED_NUMBER } from '@/lib/text/rounded-number';
import { isSpreadsheetError, meansNoValue, SPREADSHEET_ERROR } from '@/lib/text/no-value';
import { shortened } from '@/lib/text/shortened';

/**
 * The country of numbers without a country code. `unknown`: such numbers may occur, and nothing shows which country
 * they are of.
 */
export type PhoneCountry = CountryCode | 'unknown';

/** Kinds of keys that people enter and files contain. */
export type EnteredKind = 'email' | 'mobile' | 'crm_id';
/**
 * `web`: cookie ids that API clients send; a profile has one for each device. `integration`: the CRM's ids of a
 * connection, as `person:1012`; a profile has one for each of its contacts. `export`: Tagwell's own name for a profile
 * in files; these keys are neither entered nor stored.
 */
export type KeyspaceKind = EnteredKind | 'web' | 'integration' | 'export';
/** `empty`: the text says that there is no key. */
export type NormalisedKey = { ok: true; key: string } | { ok: false; reason: string; empty?: true };

const KEY_MAX = 320;
/** Keys that are certainly in their single spelling already, as most of a CRM's are: checking only this is much cheaper. */
const PLAIN_MAX = 64;
const PLAIN_EMAIL = /^[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/;
const PLAIN_CRM_ID = /^(?:\d+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;
const LOCAL_PART_MAX = 64;
const DOMAIN_MAX = 253;
/** Long integers as spreadsheets and programs write them: 1.23456789012345E+18, 1E+15, 1.0E5. 12E4 may be an ID. */
const SCIENTIFIC = /^[+-]?\d+(?:(?:[.,]\d+)?E[+-]\d{1,3}|[.,]\d+E\d{1,3})$/i;
/** An integer as spreadsheets and programs write it in a column of numbers: 70001.0. */
const DECIMAL_TAIL = /^(\d+)[.,]0{1,2}$/;
const CONTROL = /\p{Cc}/u;
/** RFC 5322's dot-atom, with letters of all scripts (RFC 6532). */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;
/** Wrappers around an address in a cell: `<a@x.se>`, `'a@x.se'`, `"a@x.se"`, and the apostrophe of spreadsheets. */
const WRAPPED = /^[<'"‘’“”\s]+|[>'"‘’“”\s]+$/gu;
const PHONE = /^\+?[\d\s().\-/]+$/;
/** A phone number that a spreadsheet treated as a number: 46701234567.0. A single digit is never a group at the end. */
const PHONE_AS_DECIMAL = /^(?:(\+?\d{7,})[.,]0|([1-9]\d{6,})[.,]0+)$/;
/** Fewer digits are not a phone number. */
const PHONE_DIGITS_MIN = 7;
const WHOLE_NUMBER = 9;
const PHONE_MAX = 40;

/** The attribute that follows a key: setting the key sets the attribute. Null: none. */
export const KEY_ATTRIBUTES: Record<EnteredKind, string> & Record<KeyspaceKind, string | null> = {
  email: 'email',
  mobile: 'mobile',
  crm_id: 'crmid',
  web: null,
  integration: null,
  export: null,
};

const FOLLOWING = new Set<string | null>(Object.values(KEY_ATTRIBUTES));

/** Whether a system attribute of this code repeats a key of the profile. */
export const followsKey = (code: string): boolean => FOLLOWING.has(code);

/** Whether keys of this kind are typed or imported. */
export const isEntered = (kind: KeyspaceKind): kind is EnteredKind =>
  kind !== 'web' && kind !== 'integration' && kind !== 'export';

/** Whether keys of this kind are stored; otherwise Tagwell derives them. */
export const isKept = (kind: KeyspaceKind): boolean => kind !== 'export';

/**
 * The single spelling of a key, whatever its origin. All: composed letters, no invisible characters, no surrounding
 * blanks. Email: lower case, without quotes around it or `mailto:`, the domain in letters instead of Punycode. Mobile:
 * the digits of the international number without '+' (46793699558); a national number needs `country`, and if that is
 * `unknown`, digits without '+' are accepted only if they cannot be a national number. CRM ID: keeps its case, since
 * systems such as Salesforce distinguish IDs by it. The reason is for a person.
 */
export function normaliseKey(kind: KeyspaceKind, raw: string, country?: PhoneCountry): NormalisedKey {
  return isPlain(kind, raw) ? { ok: true, key: raw } : normaliseAnyKey(kind, raw, country);
}

const isPlain = (kind: KeyspaceKind, text: string): boolean =>
  text.length <= PLAIN_MAX &&
  ((kind === 'email' && PLAIN_EMAIL.test(text)) || (kind === 'crm_id' && PLAIN_CRM_ID.test(text)));

function normaliseAnyKey(kind: KeyspaceKind, raw: string, country?: PhoneCountry): NormalisedKey {
  // Limits come first, because the rest may be slow on a megabyte.
  if (raw.length > KEY_MAX * 4) return refused(`the key is longer than ${KEY_MAX} characters`);
  const text = withoutInvisible(raw).trim();
  if (text === '') return refused('the key is empty');
  if (isEntered(kind) && isSpreadsheetError(text))
    return { ok: false, reason: `“${text}” ${SPREADSHEET_ERROR}`, empty: true };
  if (isEntered(kind) && meansNoValue(text))
    return { ok: false, reason: `“${text}” means that there is no value`, empty: true };
  if (CONTROL.test(text)) return refused('the key has a line break or control character in it');
  const { key, reason } = NORMALISE[kind](text, country);
  if (key === undefined) return refused(reason);
  return key.length > KEY_MAX ? refused(`the key is longer than ${KEY_MAX} characters`) : { ok: true, key };
}

type Outcome = { key: string; reason?: undefined } | { key?: undefined; reason: string };

const NORMALISE: Record<KeyspaceKind, (text: string, country?: PhoneCountry) => Outcome> = {
  email: normaliseEmail,
  mobile: normaliseMobile,
  crm_id: normaliseCrmId,
  web: (text) => ({ key: text }),
  integration: (text) => ({ key: text }),
  export: (text) => ({ key: text }),
};

function normaliseEmail(text: string): Outcome {
  const reason = `“${shown(text)}” is not an email address`;
  // NFKC turns the wide @ and letters of Japanese keyboards into plain ones.
  const plain = withoutInvisible(text.normalize('NFKC').toLowerCase())
    .replaceAll('。', '.')
    .replace(WRAPPED, '')
    .replace(/^mailto:/, '');
  const at = plain.indexOf('@');
  if (at < 1 || at !== plain.lastIndexOf('@')) return { reason };
  const local = plain.slice(0, at);
  const domain = domainOf(plain.slice(at + 1));
  if (domain === undefined || local.length > LOCAL_PART_MAX || !LOCAL_PART.test(local)) return { reason };
  return { key: `${local}@${domain}` };
}

/** The domain in letters, or undefined if it is invalid. */
function domainOf(text: string): string | undefined {
  const domain = text.includes('xn--') ? domainToUnicode(text) : text;
  if (domain === '' || domain.length > DOMAIN_MAX) return undefined;
  const labels = domain.split('.');
  const top = labels.at(-1)!;
  const valid = labels.length > 1 && labels.every((label) => label.length <= 63 && DOMAIN_LABEL.test(label));
  return valid && [...top].length >= 2 && !/^\p{N}+$/u.test(top) ? domain : undefined;
}

function normaliseMobile(text: string, country: PhoneCountry | undefined): Outcome {
  const reason = `“${shown(text)}” is not a mobile number with its country code, such as +46 70 123 45 67`;
  const plain = bare(text)
    .normalize('NFKC')
    .replace(/^tel:/i, '')
    .replace(/\p{Pd}/gu, '-')
    .trim()
    .replace(PHONE_AS_DECIMAL, '$1$2');
  if (SCIENTIFIC.test(plain)) return { reason: `“${shown(text)}” ${ROUNDED_NUMBER}` };
  if (isTwoNumbers(plain)) return { reason: `“${shown(text)}” has two numbers: keep one of them` };
  // The phone library ignores letters: a number with the letter O for a zero would lose a digit.
  if (plain.length > PHONE_MAX || !PHONE.test(plain)) return { reason };
  const compact = plain.replace(/[^\d+]/g, '').replace(/^00/, '+');
  if (!isGrouped(plain) && !isWholeWithTail(plain, compact, country)) {
    return {
      reason: `“${shown(text)}” is not a telephone number: what follows the last point, dash or slash is not part of one`,
    };
  }
  if (compact.startsWith('+')) return possible(compact) ?? { reason };
  if (!country || country === 'unknown') {
    if (!/^[1-9]\d{8,14}$/.test(compact)) return { reason };
    // Plain digits are the form in which numbers are stored.
    const isStored = !country && compact === plain;
    return (isStored ? possible(`+${compact}`) : certainlyInternational(plain, compact)) ?? { reason };
  }
  return (
    (compact.startsWith('0') ? national(compact, country) : withOrWithoutCountryCode(compact, country)) ?? {
      reason: `“${shown(text)}” is not a number of the chosen country: write the number with + and its country code`,
    }
  );
}

/** Whether a number that ends in `-5432` is a valid one with those digits: +55 21 99876-5432. */
function isWholeWithTail(plain: string, compact: string, country: PhoneCountry | undefined): boolean {
  if (/\d{9}/.test(plain) || !/[-./]\d{3,}$/.test(plain)) return false;
  const phone = parsePhoneNumberFromString(compact, country === 'unknown' ? undefined : country);
  return phone?.isValid() === true;
}

/** Whether points, dashes and slashes only group digits: 070-123.45.67, +33.6.12.34.56.78, but not 46701234567.5. */
function isGrouped(plain: string): boolean {
  const groups = plain
    .replace(/\(0\)/g, '')
    .replace(/[\s()+]/g, '')
    .split(/[-./]+/)
    .filter((group) => group !== '');
  return groups.every(
    ({ length }, index) =>
      // A country code and an area code may be a single digit each.
      (length > 1 || (index < 2 && index < groups.length - 1)) &&
      (length < WHOLE_NUMBER || index === groups.length - 1),
  );
}

/** 070-123 45 67 / 070-765 43 21, +46701234567 +46707654321. */
function isTwoNumbers(plain: string): boolean {
  if (!/^[\d\s().\-/+;,|&]+$/.test(plain)) return false;
  const parts = plain.split(/[/;,|&]|(?<=\d)\s*(?=\+)/).map((part) => part.replace(/\D/g, ''));
  return parts.filter(({ length }) => length >= PHONE_DIGITS_MIN).length > 1;
}

/**
 * Digits without '+' or a leading zero may be a national or an international number: accepted if only one is possible.
 */
function withOrWithoutCountryCode(digits: string, country: CountryCode): Outcome | undefined {
  const valid = [parsePhoneNumberFromString(digits, country), parsePhoneNumberFromString(`+${digits}`)].flatMap(
    (phone) => (phone?.isValid() ? [phone] : []),
  );
  const [first, second] = valid;
  if (first === undefined) return undefined;
  if (second === undefined || first.number === second.number) return { key: first.number.slice(1) };
  return either(digits, first, second);
}

/** National mobile numbers of large countries that are as long as some international numbers. */
const NATIONAL: [CountryCode, RegExp][] = [
  ['US', /^[2-9]\d\d[2-9]\d{6}$/],
  ['MX', /^[2-9]\d{9}$/],
  ['IN', /^[6-9]\d{9}$/],
  ['RU', /^9\d{9}$/],
  ['IT', /^3\d{8,9}$/],
  ['CN', /^1[3-9]\d{9}$/],
  ['BR', /^[1-9]\d9\d{8}$/],
];

/** Digits without '+' that are an international mobile number and cannot be a national number of another country. */
function certainlyInternational(text: string, digits: string): Outcome | undefined {
  const international = parsePhoneNumberFromString(`+${digits}`);
  // Brackets enclose the area code of a national number.
  if (/[()]/.test(text) || !isMobile(international)) return undefined;
  for (const [country, form] of NATIONAL) {
    const national = form.test(digits) ? parsePhoneNumberFromString(digits, country) : undefined;
    if (isMobile(national) && national.number !== international.number) return either(digits, international, national);
  }
  return { key: international.number.slice(1) };
}

function isMobile(phone: PhoneNumber | undefined): phone is PhoneNumber {
  return phone?.isValid() === true && ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(phone.getType() ?? '');
}

function either(digits: string, first: PhoneNumber, second: PhoneNumber): Outcome {
  return {
    reason: `“${digits}” could be ${first.number} or ${second.number}: write the number with + and its country code`,
  };
}

/** A number of a possible length. A leading zero that the country's numbers do not have is not allowed. */
function possible(text: string): Outcome | undefined {
  const phone = parsePhoneNumberFromString(text);
  if (!phone?.isPossible() || (phone.nationalNumber.startsWith('0') && !phone.isValid())) return undefined;
  return { key: phone.number.slice(1) };
}

/** A number with a leading zero, as people of the country write it. */
function national(text: string, country: CountryCode): Outcome | undefined {
  const phone = parsePhoneNumberFromString(text, country);
  return phone?.isValid() && !phone.nationalNumber.startsWith('0') ? { key: phone.number.slice(1) } : undefined;
}

function normaliseCrmId(text: string): Outcome {
  const key = bare(text);
  if (key === '') return { reason: 'the key is empty' };
  if (key.includes('\uFFFD')) return { reason: `“${shown(key)}” has characters that were lost when it was read` };
  if (isRoundedNumber(key) || SCIENTIFIC.test(key)) return { reason: `“${shown(key)}” ${ROUNDED_NUMBER}` };
  const whole = DECIMAL_TAIL.exec(key)?.[1];
  if (whole !== undefined) {
    return {
      reason: `“${shown(key)}” is a number with a decimal, as spreadsheets write ${shown(whole)}: format the column as text`,
    };
  }
  return { key };
}

/**
 * Without the apostrophe or formula that protects a cell in spreadsheets, however often it was added: exported values
 * read back as stored.
 */
function bare(text: string): string {
  const once = unprotected(text).trim();
  return once === text ? text : bare(once);
}

function refused(reason: string): NormalisedKey {
  return { ok: false, reason };
}

function shown(text: string): string {
  return text.length > 60 ? `${shortened(text, 60)}…` : text;
}
