// Makes a mail for the wire from checked parts.
import { readAddress, type MailAddress } from '../address';
import { encodeBody, joinedPieces, type Encoded, type Text } from './body';
import { mailboxField, partsField, singleLine, textField } from './header';

/** A name as shown, which may be empty, and an address. */
export type Party = { name: string; address: string };

export type Draft = {
  from: Party;
  to: Party;
  replyTo?: Party | null;
  /** Where it comes back to if it cannot be delivered, if not to `from`. */
  returnTo?: string | null;
  subject: string;
  text: Text;
  /** Without it, the mail is plain text. */
  html?: Text;
  /** `left@domain`, the same on every attempt: some mailbox providers drop what they have already got. */
  messageId: string;
  /** Of the first attempt. */
  date: Date;
  /** `url`: ends it by one POST (RFC 8058). */
  unsubscribe?: { url: string; mailto?: string };
  /** `id`: a name below our own domain (RFC 2919). */
  list?: { name: string; id: string };
  /** What complaint figures are grouped by, at most three; the sender's own name is the last. */
  feedback?: readonly string[];
  /** Made by a program, so that no program answers it (RFC 3834). */
  automatic: boolean;
  /** Further fields, such as X-Send. Those of a mail's structure cannot be set. */
  fields?: Readonly<Record<string, string>>;
};

/** A mail that cannot be composed. The message is for a person. */
export class ComposeError extends Error {}

const BOUNDARY = '=_tagwell_alternative';
const FEEDBACK_SENDER = 'tagwell';
const OWN_FIELD = /^X-[A-Za-z0-9-]{1,60}$/;
const MESSAGE_ID = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]{1,120}@[a-z0-9.-]{1,120}$/;

/** The mail, and between whom it goes. */
export type Composed = { raw: Buffer; isDotless: true; envelope: { from: string; to: string } };

/** Composes a mail. Throws `ComposeError` if an address, the Message-ID or a field cannot be used. */
export function compose(draft: Draft): Composed {
  const from = addressOf(draft.from, 'sender');
  const to = addressOf(draft.to, 'recipient');
  const head = headOf(draft, from, to);
  const text = encodeBody(draft.text);
  const raw =
    draft.html === undefined
      ? joinedPieces(
          [Buffer.from(`${[...head, ...partHead('plain', text)].join('\r\n')}\r\n\r\n`), ...text.body, '\r\n'],
          room,
        )
      : alternatives(head, text, encodeBody(draft.html));
  const back = draft.returnTo ? addressOf({ name: '', address: draft.returnTo }, 'return') : from;
  return { raw, isDotless: true, envelope: { from: back.address, to: to.address } };
}

const SLAB = 256 * 1_024;
let slab = Buffer.alloc(0);
let used = 0;

/** A place for a mail. Several lie in one piece of memory, as the system takes long to give and to take back each. */
function room(bytes: number): Buffer {
  if (bytes > SLAB / 4) return Buffer.allocUnsafeSlow(bytes);
  if (used + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB);
    used = 0;
  }
  used += bytes;
  return slab.subarray(used - bytes, used);
}

const partHead = (kind: 'plain' | 'html', { encoding }: Encoded): string[] => [
  `Content-Type: text/${kind}; charset=utf-8`,
  `Content-Transfer-Encoding: ${encoding}`,
];

/** No part can contain the boundary: in both encodings, '=' is never followed by '_'. */
function alternatives(head: readonly string[], text: Encoded, html: Encoded): Buffer {
  const start = [...head, `Content-Type: multipart/alternative; boundary="${BOUNDARY}"`].join('\r\n');
  const part = (kind: 'plain' | 'html', encoded: Encoded) =>
    `--${BOUNDARY}\r\n${partHead(kind, encoded).join('\r\n')}\r\n\r\n`;
  return joinedPieces(
    [
      Buffer.from(`${start}\r\n\r\n${part('plain', text)}`),
      ...text.body,
      `\r\n${part('html', html)}`,
      ...html.body,
      `\r\n--${BOUNDARY}--\r\n`,
    ],
    room,
  );
}

function headOf(draft: Draft, from: MailAddress, to: MailAddress): string[] {
  const { subject, messageId, date, replyTo, unsubscribe, list, feedback, automatic, fields = {} } = draft;
  if (!MESSAGE_ID.test(messageId)) throw new ComposeError('The Message-ID is not valid.');
  return [
    fromField(draft.from.name, from.address),
    mailboxField('To', { name: draft.to.name, address: to.address }),
    ...(replyTo
      ? [mailboxField('Reply-To', { name: replyTo.name, address: addressOf(replyTo, 'reply').address })]
      : []),
    textField('Subject', subject),
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${messageId}>`,
    'MIME-Version: 1.0',
    ...(unsubscribe ? unsubscribeFields(unsubscribe) : []),
    ...(list ? [listField(list)] : []),
    ...(feedback ? [`Feedback-ID: ${[...feedback.slice(0, 3).map(plainPart), FEEDBACK_SENDER].join(':')}`] : []),
    ...(automatic ? ['Auto-Submitted: auto-generated', 'X-Auto-Response-Suppress: OOF, AutoReply'] : []),
    ...Object.entries(fields).map(([name, value]) => {
      if (!OWN_FIELD.test(name)) throw new ComposeError(`A field called “${name}” cannot be added.`);
      return textField(name, value);
    }),
  ];
}

let newest = { name: '', address: '', field: '' };

/** Kept, as all mails of a message have the same. */
function fromField(name: string, address: string): string {
  if (newest.name !== name || newest.address !== address) {
    newest = { name, address, field: mailboxField('From', { name, address }) };
  }
  return newest.field;
}

function addressOf({ address }: Party, whose: 'sender' | 'recipient' | 'reply' | 'return'): MailAddress {
  const read = readAddress(address);
  if (read) return read;
  const whom = {
    sender: 'The sender',
    recipient: 'The recipient',
    reply: 'The reply address',
    return: 'The return address',
  }[whose];
  throw new ComposeError(`${whom} has no valid address.`);
}

function unsubscribeFields({ url, mailto }: { url: string; mailto?: string }): string[] {
  const address = URL.parse(url);
  if (address?.protocol !== 'https:') {
    throw new ComposeError('The address for unsubscribing must begin with https://');
  }
  const also = mailto === undefined ? undefined : readAddress(mailto);
  if (mailto !== undefined && !also?.ascii) throw new ComposeError('The address for unsubscribing is not valid.');
  const ways = [`<${address.href}>${also ? ',' : ''}`, ...(also ? [`<mailto:${also.address}>`] : [])];
  return [partsField('List-Unsubscribe', ways), 'List-Unsubscribe-Post: List-Unsubscribe=One-Click'];
}

function listField({ name, id }: { name: string; id: string }): string {
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(id)) throw new ComposeError('The id of the list is not valid.');
  return mailboxField('List-Id', { name: singleLine(name), address: id }).replace(
    // Without a name there is no mailbox to write, but the id keeps its brackets.
    /^List-Id: ([^<]+)$/,
    'List-Id: <$1>',
  );
}

/** What is between the colons of Feedback-ID. */
const plainPart = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
