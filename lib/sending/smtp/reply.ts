// What a server's reply means for the mail (RFC 5321 for the codes, RFC 3463 for the enhanced status).
import { z } from 'zod';
import { shortened } from '@/lib/text/shortened';
import type { Outcome } from '../outcome';

/** A reply in parts. */
export type Reply = { code: number; status: string | null; text: string };

/** The command that was answered. */
export type Step = 'greeting' | 'sign-in' | 'sender' | 'recipient' | 'data' | 'body';

const LONGEST_TEXT = 500;
const PREFIX = /^(\d{3})(?:[ -]|$)/;
const STATUS = /^([245]\.\d{1,3}\.\d{1,3})(?=\s|$)\s*/;

/** A reply, which may have several lines. Undefined if it is none. */
export function readReply(response: string): Reply | undefined {
  const lines = response.split(/\r?\n/).filter((line) => line.trim() !== '');
  const code = PREFIX.exec(lines[0] ?? '')?.[1];
  if (!code) return undefined;
  let status: string | null = null;
  const words = lines.map((line) => {
    const rest = line.replace(PREFIX, '').trim();
    status ??= STATUS.exec(rest)?.[1] ?? null;
    return rest.replace(STATUS, '');
  });
  return { code: Number(code), status, text: printable(words.join(' ')) };
}

/** Text of somebody else, safe to store and to show: without control characters, and not too long. */
export const printable = (text: string): string =>
  shortened(
    text
      .replace(/[\p{Cc}\p{Cf}\uD800-\uDFFF\uFFFD]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
    LONGEST_TEXT,
  );

/** Mailbox providers name their limits in the text, or by these (432, 454: RFC 4954; 4.7.28: Gmail; 4.7.500: Outlook). 4.7.1 is greylisting. */
const ASKS_FOR_LESS =
  /\brate\b|rate.?limit|too (many|fast|much|frequent)|throttl|slow down|exceeded .*(quota|limit)|temporarily (deferred|limited)/i;
const SLOWER_CODES = new Set([421, 432, 454]);
const SLOWER_STATUS = /^4\.(3\.2|4\.5|5\.3|7\.(?!1$)\d+)$/;

/** 5.7.26 and 5.7.515: the domain is not authenticated as Gmail and Outlook demand it. */
const OUR_FAULT_STATUS = new Set(['5.7.26', '5.7.515', '5.7.3', '5.7.8', '5.7.9']);
const OUR_FAULT_CODES = new Set([530, 534, 535, 538]);
const NO_RELAY =
  /relay(ing)?( access)? (is )?(denied|not permitted|not allowed|prohibited)|unable to relay|not allowed to relay|relay not permitted|allowed rcpthosts/i;
const BLOCKED = /\b(blocked|blacklist|block.?list|banned|listed (at|in|by)|spamhaus|poor reputation)\b/i;

/** What a reply says about the mail. */
export function meaningOf({ code, status, text }: Reply, step: Step): Outcome {
  const answer = { code, status, text };
  if (code < 300 && step === 'body') return { kind: 'sent', ...answer };
  if (code < 400) return step === 'body' ? { kind: 'unknown', ...answer } : odd(answer);
  if (code < 500) {
    const slower = SLOWER_CODES.has(code) || SLOWER_STATUS.test(status ?? '') || ASKS_FOR_LESS.test(text);
    const ours = step === 'greeting' || step === 'sign-in';
    return { kind: 'deferred', why: slower || ours ? 'pace' : 'recipient', ...answer };
  }
  if (step === 'sign-in') return { kind: 'senderFault', why: 'credentials', ...answer };
  if (step === 'greeting') return { kind: 'senderFault', why: 'connection', ...answer };
  if (isOurFault(answer, step)) return { kind: 'senderFault', why: 'permission', ...answer };
  return { kind: 'refused', why: refusalOf(answer, step), ...answer };
}

/** A reply that no server may give here, before anything has left. */
const odd = (answer: Reply): Outcome => ({ kind: 'deferred', why: 'connection', ...answer });

function isOurFault({ code, status, text }: Reply, step: Step): boolean {
  if (OUR_FAULT_CODES.has(code) || (status !== null && OUR_FAULT_STATUS.has(status))) return true;
  // Of the sender's address nothing depends on the recipient, but for the size that goes along with it.
  if (step === 'sender') return code !== 552 && status !== '5.3.4';
  if (step === 'recipient') return NO_RELAY.test(text);
  return BLOCKED.test(text);
}

type Refusal = Extract<Outcome, { kind: 'refused' }>['why'];

const OF_ADDRESS = new Set(['5.1.0', '5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '5.4.4']);

/** Older servers have no status for what they say of the sender. Where they also name the mailbox, that counts. */
const SAYS_POLICY =
  /\bspam|block|black.?list|\bbanned\b|\bpolic(y|ies)\b|reputation|prohibit|denied|not (authori[sz]ed|permitted|allowed)|greylist/i;
const NAMES_MAILBOX =
  /(unknown|no such|invalid) (local )?(user|recipient|address|mail ?box)|(user|recipient|mail ?box) (is )?(unknown|not found|unavailable)|does ?n[o']t exist/i;

/** Why a mail was refused for good: by the status where there is one, by code, words and step otherwise. */
function refusalOf({ code, status, text }: Reply, step: Step): Refusal {
  if (status !== null && status !== '5.0.0') {
    if (OF_ADDRESS.has(status)) return 'address';
    if (status === '5.2.2') return 'full';
    if (status === '5.6.7' || status === '5.6.9') return 'unreachable';
    if (status.startsWith('5.7.')) return 'policy';
    return /^5\.(6|3)\./.test(status) || step !== 'recipient' ? 'message' : 'policy';
  }
  if (step !== 'recipient') return 'message';
  if (code === 552) return 'full';
  if (SAYS_POLICY.test(text) && !NAMES_MAILBOX.test(text)) return 'policy';
  return code === 550 || code === 551 || code === 553 ? 'address' : 'policy';
}

const ErrorSchema = z.object({
  code: z.string().catch(''),
  originalCode: z.string().catch(''),
  command: z.string().catch(''),
  response: z.string().catch(''),
  message: z.string().catch(''),
});

/** An error of nodemailer, in parts. */
export type SmtpError = z.infer<typeof ErrorSchema>;

export const smtpError = (error: unknown): SmtpError => ErrorSchema.parse(error instanceof Error ? pick(error) : {});

/** Errors have their message in the prototype's keeping, where a schema does not look. */
const pick = (error: Error) => ({ ...error, message: error.message });

/** The step that an error of nodemailer belongs to. */
export function stepOf({ command, code }: SmtpError): Step {
  if (command.startsWith('AUTH') || code === 'EAUTH') return 'sign-in';
  if (command === 'MAIL FROM') return 'sender';
  if (command === 'RCPT TO') return 'recipient';
  if (command === 'DATA') return code === 'EMESSAGE' ? 'body' : 'data';
  return 'greeting';
}
