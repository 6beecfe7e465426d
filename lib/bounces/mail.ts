// Reads a mail that came to a return address: a report of what could not be delivered (RFC 3464, and those that older servers write in words), a complaint (RFC 5965),
// or something that says nothing against anybody, such as an automatic answer. What is said counts only for a mail of ours, which a signature of ours proves: in the
// address that it came to, or in what is quoted of the mail.
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import type { SectionId } from '@/lib/db/ids';
import { readFormMail } from '@/lib/forms/mail-returns';
import type { Said } from '@/lib/messages/bounces';
import { readMessageIds } from '@/lib/messages/message-id';
import { readReturnTokens } from '@/lib/messages/return-address';
import { readMessageToken } from '@/lib/messages/token';
import { printable } from '@/lib/sending/smtp/reply';
import { shortened } from '@/lib/text/shortened';
import { classOf, statusIn } from './status';

/**
 * - `answer`: a bounce or a complaint of one of our mails.
 * - `passed over`: says nothing against anybody: an automatic answer, a notice of delay, a report of success.
 * - `probe`: the mail that was sent to see whether the return address works.
 * - `aside`: cannot be used; `why` for a person.
 */
export type ReturnedMail =
  | ({ is: 'answer'; said: Said; code: number | null; status: string | null; text: string } & Whose)
  | { is: 'passed over'; what: 'automatic' | 'delayed' | 'delivered' | 'not a complaint' }
  | { is: 'probe' }
  | { is: 'aside'; why: string };

/** A recipient of a message, by number, or a mail of a form that asks to confirm. */
type Whose = { number: number } | { formMail: number };

export type ReadMail = { from: string; subject: string; returned: ReturnedMail };

const LIMITS = {
  forceRfc822Attachments: true,
  attachmentEncoding: 'utf8',
  maxNestingDepth: 20,
  maxHeadersSize: 128_000,
} as const;
/** So much of a text is looked at for what it says. */
const LOOKED_AT = 60_000;

/** Each line costs the same, however short it is: a mail of nothing but line ends takes seconds. */
const LINES_MAX = 10_000;

function firstLines(raw: Uint8Array): Uint8Array {
  let end = -1;
  for (let line = 0; line < LINES_MAX; line++) {
    end = raw.indexOf(10, end + 1);
    if (end < 0) return raw;
  }
  return raw.subarray(0, end + 1);
}

const NOT_OURS = 'It is about a mail that Tagwell does not know, or its signature is not right.';

/** Reads a mail, or its beginning. Throws for what no program can take apart. */
export async function readReturnedMail(sectionId: SectionId, raw: Uint8Array): Promise<ReadMail> {
  const mail = await PostalMime.parse(firstLines(raw), LIMITS);
  return {
    from: shortened(printable(mail.from?.address ?? ''), 320),
    subject: shortened(printable(mail.subject ?? ''), 300),
    returned: returnedOf(sectionId, mail),
  };
}

function returnedOf(sectionId: SectionId, mail: Email): ReturnedMail {
  const report = contentOf(mail, 'message/delivery-status', 'message/global-delivery-status');
  if (report !== undefined) return ofReport(sectionId, mail, report);
  const feedback = contentOf(mail, 'message/feedback-report');
  if (feedback !== undefined) return ofFeedback(sectionId, mail, feedback);
  const failed = inWords(mail);
  if (failed !== undefined) return tied(sectionId, mail, { kind: 'bounce', ...failed });
  if (isAutomatic(mail)) return { is: 'passed over', what: 'automatic' };
  if (tokensIn(sectionId, mail).includes(null)) return { is: 'probe' };
  return { is: 'aside', why: 'It is no report that Tagwell understands.' };
}

const textOf = ({ content }: Attachment): string =>
  (typeof content === 'string' ? content : Buffer.from(content as Uint8Array).toString('utf8')).slice(0, LOOKED_AT);

function contentOf(mail: Email, ...types: string[]): string | undefined {
  const part = mail.attachments.find(({ mimeType }) => types.includes(mimeType));
  return part && textOf(part);
}

const header = (mail: Email, name: string): string =>
  mail.headers
    .filter(({ key }) => key === name)
    .map(({ value }) => value)
    .join('\n');

/** Blocks of fields, separated by empty lines; names in lower case. */
function blocksOf(text: string): Map<string, string>[] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n{2,}/)
    .map((block) => {
      const fields = new Map<string, string>();
      for (const line of block.split('\n')) {
        const [, name, value] = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line) ?? [];
        if (name !== undefined && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value!.trim());
      }
      return fields;
    })
    .filter((fields) => fields.size > 0);
}

/** Without the kind: 'smtp; 550 …'. */
const untyped = (value: string): string => value.replace(/^[\w.-]+\s*;\s*/, '');

function ofReport(sectionId: SectionId, mail: Email, report: string): ReturnedMail {
  const recipients = blocksOf(report).filter((fields) => fields.has('action') || fields.has('final-recipient'));
  const actionOf = (fields: Map<string, string>) => (fields.get('action') ?? '').toLowerCase().split(/[\s(;]/)[0]!;
  // A report without an action is one of failure if its status is.
  const failed = recipients.find(
    (fields) => actionOf(fields) === 'failed' || (actionOf(fields) === '' && /^5/.test(fields.get('status') ?? '')),
  );
  if (!failed) {
    const isDelayed = recipients.some((fields) => actionOf(fields) === 'delayed');
    if (recipients.length === 0) return { is: 'aside', why: 'Its report names no recipient.' };
    return { is: 'passed over', what: isDelayed ? 'delayed' : 'delivered' };
  }
  const diagnostic = untyped(failed.get('diagnostic-code') ?? '');
  const given = statusIn(failed.get('status') ?? '');
  const inText = statusIn(diagnostic);
  const status = given === null || (/\.0\.0$/.test(given) && inText !== null) ? (inText ?? given) : given;
  const words = diagnostic || printable(mail.text ?? '');
  // One of several to whom the mailbox passes mails on: the person may have got it.
  const isPart = recipients.some((fields) => ['delivered', 'relayed', 'expanded'].includes(actionOf(fields)));
  const why = classOf(status, words);
  return tied(sectionId, mail, {
    kind: 'bounce',
    why: isPart && why === 'address' ? 'other' : why,
    status,
    text: diagnostic === '' ? words : diagnostic,
  });
}

function ofFeedback(sectionId: SectionId, mail: Email, feedback: string): ReturnedMail {
  const fields = new Map(blocksOf(feedback).flatMap((block) => [...block]));
  const type = (fields.get('feedback-type') ?? 'abuse')
    .toLowerCase()
    .replace(/[^a-z-]/g, '')
    .slice(0, 30);
  if (['not-spam', 'auth-failure', 'dmarc', 'virus'].includes(type))
    return { is: 'passed over', what: 'not a complaint' };
  const by = printable(fields.get('user-agent') ?? fields.get('reporting-mta') ?? mail.from?.address ?? '');
  return tied(sectionId, mail, { kind: 'complaint', why: type, status: null, text: `Reported by ${by}` });
}

/** Of what a bounce says, in which older servers and some large ones write it. */
function inWords(mail: Email): { why: ReturnType<typeof classOf>; status: string | null; text: string } | undefined {
  const body = (mail.text ?? mail.html ?? '').slice(0, LOOKED_AT).replace(/<[^<>]*>/g, ' ');
  const subject = (mail.subject ?? '').slice(0, 1_000);
  const isQmail = /^\s*hi\. this is the .{0,80} program/i.test(body);
  const isExim = header(mail, 'x-failed-recipients') !== '';
  const isFromServer =
    /mailer-?daemon|postmaster|mail delivery (sub)?system|\bmdaemon\b/i.test(
      `${mail.from?.address ?? ''} ${mail.from?.name ?? ''}`,
    ) || /^\s*<>\s*$/.test(header(mail, 'return-path'));
  const isCalledSo =
    /undeliver|delivery (status )?(notification )?(failure|failed|error|has failed)|delivery status notification|returned (mail|to sender)|failure notice|mail (delivery|system) (failed|error)|non.?delivery|not delivered|could not be delivered|unzustellbar|message.{0,80}non remis|obeställbar|kunne ikke leveres|onbestelbaar/i.test(
      subject,
    );
  if (!isQmail && !isExim && !(isFromServer && isCalledSo)) return undefined;
  if (
    /\b(delayed|warning|delay)\b/i.test(subject) ||
    /this is a warning message only|has not been delivered yet/i.test(body)
  ) {
    return undefined;
  }
  const said = beforeQuoted(body);
  const status = statusIn(said);
  return { why: classOf(status, said), status, text: decisiveLine(said) };
}

/** What the server says, without the mail that it quotes. */
const beforeQuoted = (body: string): string =>
  body.split(
    /\n-{2,} ?(?:below this line is a copy|this is a copy|original message|the (?:header|body) of the|forwarded message|returned message).*\n|\n(?:-{3,} )?This is a copy of (?:your|the) message|\nReturn-Path: </i,
  )[0]!;

/** The line that says why, for a person. */
function decisiveLine(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const decisive = lines.findIndex((line) => /\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b/.test(line));
  if (decisive >= 0) return printable(lines.slice(decisive, decisive + 2).join(' '));
  return printable(lines.filter(Boolean).slice(1, 5).join(' '));
}

function isAutomatic(mail: Email): boolean {
  const submitted = header(mail, 'auto-submitted').trim().toLowerCase();
  if (submitted !== '' && submitted !== 'no') return true;
  if (['x-autoreply', 'x-autorespond', 'x-auto-reply-from'].some((name) => header(mail, name) !== '')) return true;
  if (/auto.?reply|bulk|junk/i.test(header(mail, 'precedence'))) return true;
  // Notices of delay in words, and answers of people who are away, from servers that mark neither.
  return /^(out of (the )?office|automatic reply|auto(matic)?.?(reply|response|antwort)|autosvar|frånvaro|abwesenheit|fravær|réponse automatique|automatisch antwoord|poissa|warning: could not send|delayed mail|delivery delayed|delivery status notification \(delay\))/i.test(
    mail.subject ?? '',
  );
}

/** Where mail servers say which address a mail came to. */
const CAME_TO = [
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-delivered-to',
  'to',
  'cc',
  'x-rcpt-to',
];

const cameToIn = (mail: Email): string => CAME_TO.map((name) => header(mail, name)).join('\n');

const tokensIn = (sectionId: SectionId, mail: Email): (number | null)[] => readReturnTokens(sectionId, cameToIn(mail));

/** Ties what was said to the recipient that a signature of ours names. */
function tied(
  sectionId: SectionId,
  mail: Email,
  { status, text, ...said }: Said & { status: string | null; text: string },
): ReturnedMail {
  const whose = whoseOf(sectionId, mail);
  if (whose === undefined) return { is: 'aside', why: NOT_OURS };
  if (whose === null) return { is: 'passed over', what: 'delivered' };
  const code = /(?:^|\D)([45]\d\d)(?:\D|$)/.exec(text)?.[1];
  return {
    is: 'answer',
    ...whose,
    said,
    code: code === undefined ? null : Number(code),
    status,
    text: printable(text),
  };
}

/** Whose mail it was. `null`: nobody's, it was a test. Undefined: nothing of ours stands anywhere. */
function whoseOf(sectionId: SectionId, mail: Email): Whose | null | undefined {
  const number = (named: number | null): Whose | null => (named === null ? null : { number: named });
  const [cameTo] = tokensIn(sectionId, mail);
  if (cameTo !== undefined) return number(cameTo);
  const [ofForm] = readReturnTokens(sectionId, cameToIn(mail), 'form');
  if (ofForm) return { formMail: ofForm };
  const quoted = mail.attachments
    .filter(({ mimeType }) => /^(message\/|text\/(rfc822|plain|html))/.test(mimeType))
    .map(textOf);
  for (const text of [...quoted, (mail.text ?? '').slice(0, LOOKED_AT), (mail.html ?? '').slice(0, LOOKED_AT)]) {
    const [named] = readMessageIds(sectionId, unfolded(text));
    if (named !== undefined) return number(named);
    const [returned] = readReturnTokens(sectionId, text);
    if (returned !== undefined) return number(returned);
    const formMail = readFormMail(sectionId, unfolded(text));
    if (formMail !== undefined) return { formMail };
    const left = unsubscribed(sectionId, text);
    if (left !== undefined) return number(left);
  }
  return undefined;
}

/** Long fields are folded, and quoted-printable breaks lines. */
const unfolded = (text: string): string => text.replace(/=\r?\n/g, '').replace(/\r?\n[ \t]+/g, ' ');

/** Complaints often have every address taken out, but keep the link to unsubscribe. */
function unsubscribed(sectionId: SectionId, text: string): number | undefined {
  for (const [, token] of unfolded(text).matchAll(/\/u\/([A-Za-z0-9_-]{20,64})/g)) {
    const named = readMessageToken('unsubscribe', token!);
    if (named?.sectionId === sectionId && named.number !== null) return named.number;
  }
  return undefined;
}
