// What each SMS provider has: how it is asked to send, what its answers mean, and how its reports are read.
import type { CallAnswer, CallRequest } from '@/lib/outbound/request';
import { shortened } from '@/lib/text/shortened';
import type { SmsOutcome, Told } from './outcome';

/** An SMS as it is handed over. */
export type Sms = {
  /** A name or a number with +: see sender-name.ts. */
  from: string;
  /** A number with its country code and without +, as keys of Mobile are stored. */
  to: string;
  text: string;
  /** Names it in reports; null: there are none, as of a test. */
  reference: string | null;
  /** Where reports go; null: nowhere, as this installation cannot be reached from outside. */
  callback: string | null;
  /** What has not arrived by then is not to arrive; null: it may, as long as the provider tries. */
  until: Date | null;
};

/** Seconds until a moment, one at least. */
export const secondsUntil = (until: Date): number => Math.max(1, Math.floor((until.getTime() - Date.now()) / 1_000));

/** A call to make. */
export type ProviderCall = CallRequest & { url: string };

/** A call that came in. `url`: the address as the provider was given it. `names`: in lower case. */
export type ProviderDelivery = { url: string; headers: Record<string, string>; body: string };

/** What a provider needs to know of a sender: settings that pages show, and secrets that they do not. */
export type Account<Settings, Secrets> = { settings: Settings; secrets: Secrets };

export type SmsProvider<Settings, Secrets> = {
  /** Its name. */
  name: string;
  send: (account: Account<Settings, Secrets>, sms: Sms) => ProviderCall;
  /** What an answer means. */
  outcome: (account: Account<Settings, Secrets>, answer: CallAnswer) => SmsOutcome;
  /** A call that sends nothing, and that only works with the right account; null: there is none, so a real SMS is the test. */
  probe: (account: Account<Settings, Secrets>, from: string) => ProviderCall | null;
  /** Whether a call that came in is signed by the provider. Where it signs nothing, the address alone has to do. */
  isGenuine: (account: Account<Settings, Secrets>, delivery: ProviderDelivery) => boolean;
  /** What a call says that came in. Null: it makes no sense. `reference`: what the address names, if it was that of an SMS. */
  read: (account: Account<Settings, Secrets>, delivery: ProviderDelivery, reference: string | null) => Told | null;
};

/** The answers that mean the same at all providers; null: the provider's own words decide. */
export function usualMeaning({ status, headers }: CallAnswer, text: string): SmsOutcome | null {
  const answer = { code: status, status: null, text };
  if (status === 401) return { kind: 'senderFault', why: 'credentials', ...answer };
  if (status === 402 || status === 403 || status === 404 || status === 405) {
    return { kind: 'senderFault', why: 'permission', ...answer };
  }
  if (status === 429 || status === 503) {
    return { kind: 'deferred', why: 'pace', ...answer, ...retryAfter(headers['retry-after']) };
  }
  // It says itself that it failed. A gateway (502, 504) does not know what happened behind it.
  if (status === 500) return { kind: 'deferred', why: 'recipient', ...answer };
  if (status >= 500) return { kind: 'unknown', ...answer };
  // No redirect is followed: whoever answers with one has taken nothing.
  if (status < 200 || (status >= 300 && status < 400)) return { kind: 'senderFault', why: 'connection', ...answer };
  return null;
}

const LONGEST_WAIT_S = 3_600;

/** What an answer asks to wait, an hour at most. */
export function retryAfter(header: string | undefined): { retryAfterMs?: number } {
  const seconds = /^\d{1,6}$/.test(header ?? '') ? Math.min(LONGEST_WAIT_S, Number(header)) : null;
  return seconds === null ? {} : { retryAfterMs: seconds * 1_000 };
}

const LONGEST_TEXT = 500;

/** Text of somebody else, safe to store and to show. */
export const printable = (text: string): string =>
  shortened(
    text
      .replace(/<[^>]{0,200}>/g, ' ')
      .replace(/[\p{Cc}\p{Cf}\uD800-\uDFFF\uFFFD]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
    LONGEST_TEXT,
  );

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const FORM = 'application/x-www-form-urlencoded';

/** A form without the fields that have nothing. */
export const formOf = (fields: Record<string, string | null>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  ).toString();

/** A number without +, as keys of Mobile are stored. */
export const withoutPlus = (number: string): string => number.trim().replace(/^\+|^00/, '');

/** A body as JSON, or undefined. */
export function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const RECIPIENT = String.raw`(?:['"]to['"]|\b(?:to (?:number|address)|(?:parameter|key|field) ['"]?to|recipients?|msisdn|destination|(?:phone|mobile) number)\b)`;
const WRONG = String.raw`\b(?:invalid|bad|unknown|missing|malformed|not (?:a )?valid|does not exist)\b`;
const OF_RECIPIENT = new RegExp(`${WRONG}[^.:;]{0,30}${RECIPIENT}|${RECIPIENT}[^.:;]{0,30}${WRONG}`, 'i');

/**
 * Whether the words of an error say that the number is none. Only where that is certain: it suppresses the number for good, and what is wrong with a call
 * is said of everybody's.
 */
export const saysNoNumber = (text: string): boolean => OF_RECIPIENT.test(text);

/** A code as it can be stored; others are in the text. */
export const codeOf = (code: unknown): number | null => {
  const value = typeof code === 'string' && /^\d{1,5}$/.test(code) ? Number(code) : code;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 32_767 ? value : null;
};
