// What a bounce says, by its enhanced status (RFC 3463), and by its words where there is none. Refusals of a policy, of the content or of the size say nothing against
// the person, so where words are doubtful they count as these.
import type { BounceClass } from '@/lib/messages/bounce-class';

const STATUS = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]|\w)/;

/** The enhanced status in a text, or null. */
export const statusIn = (text: string): string | null => STATUS.exec(text)?.[0] ?? null;

const ADDRESS = new Set(['1.0', '1.1', '1.2', '1.3', '1.6', '1.10', '2.1', '4.4']);
/** Microsoft's own: no such domain, no such recipient. */
const ADDRESS_MS = new Set(['4.310', '4.312', '1.350', '1.351']);
const OURS = new Set(['7.26', '7.515', '7.27', '7.30']);

/** A status that says nothing but 'it failed'. */
const isVague = (detail: string): boolean => ['0.0', '3.0', '5.0', '1.0', '2.0'].includes(detail);

/** The class of a failure. `status`: such as 5.1.1. `text`: what the server said. */
export function classOf(status: string | null, text: string): BounceClass {
  const [, first, subject, nth] = STATUS.exec(status ?? '') ?? [];
  const said = subject === undefined ? null : `${subject}.${nth}`;
  if (said === null) return classOfWords(text) ?? 'other';
  if (OURS.has(said)) return 'ours';
  // Gmail says 'no such address' by the same number as 'receives too many mails at the moment'.
  if (said === '2.1' && /\bat a rate\b/i.test(text)) return 'other';
  if (isVague(said)) return classOfWords(text) ?? (said === '1.0' && first === '5' ? 'address' : 'other');
  if (said === '2.2') return 'full';
  if (first === '5' && (ADDRESS.has(said) || ADDRESS_MS.has(said))) return 'address';
  if (said === '2.3' || said === '3.4' || subject === '6')
    return subject === '6' && isUnreachable(said) ? 'unreachable' : 'message';
  if (subject === '7') return 'policy';
  // Of the sender's address.
  if (said === '1.7' || said === '1.8') return 'policy';
  if (subject === '4' || first === '4') return 'expired';
  return classOfWords(text) ?? 'other';
}

/** The address needs letters outside of ASCII, which a server on the way does not know. */
const isUnreachable = (said: string): boolean => said === '6.7' || said === '6.9';

const WORDS: [BounceClass, RegExp][] = [
  [
    'ours',
    /\b5\.7\.(26|515)\b|unauthenticated (mail|email)|(spf|dkim|dmarc)\b.{0,60}\b(fail|did not pass|required|not aligned)/i,
  ],
  [
    'policy',
    /\bspam|blocked|block.?list|blacklist|\bbanned\b|\bpolicy\b|policies|reputation|spamhaus|barracuda|not (authori[sz]ed|permitted)|access denied|relay(ing)? (access )?denied|denied by|virus|phish|rejected (due to|for) (content|security)|unsolicited|greylist/i,
  ],
  [
    'message',
    /too (large|big|long)|size (limit|exceed)|exceeds .{0,30}size|content (rejected|filter)|message (content|format)|attachment/i,
  ],
  [
    'full',
    /(mail ?box|inbox|quota|storage|disk|user).{0,40}\b(full|exceeded|over ?quota|over (its|their|the) (limit|quota))|over ?quota|quota (exceeded|limit)|insufficient (system )?storage|out of (disk )?(space|storage)/i,
  ],
  [
    'address',
    /(user|recipient|address|account|mail ?box|alias)( [\w.@<>'"-]+)?[ :]{1,3}(is )?(unknown|not (found|known|exist|a valid|valid|available|local)|un?available|invalid|inactive|disabled|does ?n[o']?t exist|has been (disabled|deactivated|suspended))|(unknown|invalid|no such|bad|non-?existent) (local )?(user|recipient|address|account|mail ?box|destination|person|domain)|does ?n[o']?t (exist|have an? .{0,20}account)|not (our|a) (customer|valid (user|recipient|mail ?box))|no mail ?box (here )?by that name|unrouteable address|(host|domain)( or domain)?( name)? (name )?(not found|does ?n[o']?t exist|unknown)|name service error.{0,60}not found|(host|domain) unknown|user unknown|no such (user|person|address)|nxdomain|permanent fatal errors.*unknown/i,
  ],
  [
    'expired',
    /(delivery|retry|message|queue)( time)?( was)?( has)? ?(time)? ?(expired|exceeded|timed? ?out)|timed? ?out|could ?n[o']t be delivered (for|within)|been (in the queue|trying) .{0,30}(too long|days|hours)|retry timeout exceeded|temporar|connection (refused|reset|timed)|not (be )?reach/i,
  ],
];

function classOfWords(text: string): BounceClass | undefined {
  return WORDS.find(([, pattern]) => pattern.test(text))?.[0];
}
