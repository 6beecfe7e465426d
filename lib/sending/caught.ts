// Reads of the built-in mailbox: the list, and one mail in its parts, or an SMS.
import PostalMime from 'postal-mime';
import type { MessageId, SectionId, SenderId, SendId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';

export type Channel = 'email' | 'sms';

/** `subject`: of an SMS its first line. */
export type CaughtLine = { id: number; channel: Channel; at: Date; to: string; subject: string; isTest: boolean };

/** A mail as it was kept. `html`: as it came; it is to be shown where nothing of it can run. */
export type CaughtMail = CaughtLine & {
  from: string;
  headers: { name: string; value: string }[];
  text: string;
  html: string | null;
  source: string;
  bytes: number;
  /** The message that it is of; null: of none, or a test. */
  message: { id: MessageId; name: string } | null;
};

/**
 * Who reads: mails with links that let somebody in are for Account Owners, who may let anybody in; what is of marketing messages and
 * forms is for everyone; the rest is for Admins.
 */
export type Reader = 'owner' | 'admin' | 'user';

const SHOWN: Record<Reader, Sql> = {
  owner: sql``,
  admin: sql`and not for_owners`,
  user: sql`and for_everyone and not for_owners`,
};

/** Which mails of a mailbox: whose recipient or subject has all the words of `search`. `messageId`: those of a message. */
export type CaughtFilter = {
  sectionId: SectionId;
  senderId: SenderId;
  reader: Reader;
  search: string;
  messageId?: MessageId;
};

const fits = ({ sectionId, senderId, reader, search, messageId }: CaughtFilter): Sql => {
  const words = search.trim().split(/\s+/).filter(Boolean).slice(0, 8);
  const matches = words.map(
    (word) => sql`and (to_address || ' ' || subject) ilike ${`%${word.replace(/[\\%_]/g, '\\$&')}%`}`,
  );
  return sql`section_id = ${sectionId} and sender_id = ${senderId} ${SHOWN[reader]}
    ${
      messageId === undefined
        ? sql``
        : sql`and send_id in (select id from send where send.section_id = ${sectionId} and send.message_id = ${messageId})`
    }
    ${matches.reduce((all, part) => sql`${all} ${part}`, sql``)}`;
};

/** The newest mails of a mailbox, those before `before`. */
export const listCaught = (
  db: Db,
  { before, limit, ...filter }: CaughtFilter & { before?: number; limit: number },
): Promise<CaughtLine[]> =>
  rows<CaughtLine>(
    db,
    sql`
      select id, channel, at, to_address as "to", subject, is_test as "isTest" from caught_mail
      where ${fits(filter)} ${before === undefined ? sql`` : sql`and id < ${before}`}
      order by id desc limit ${limit}`,
  );

/** The mails before and after one, as the list has them; null: there is none. */
export async function besideCaught(
  db: Db,
  { id, ...filter }: CaughtFilter & { id: number },
): Promise<{ newer: number | null; older: number | null }> {
  return one(
    db,
    sql`
      select
        (select min(id) from caught_mail where ${fits(filter)} and id > ${id}) as newer,
        (select max(id) from caught_mail where ${fits(filter)} and id < ${id}) as older`,
  );
}

/** A mail of a mailbox, taken apart; undefined if it is no longer kept. */
export async function readCaught(
  db: Db,
  { sectionId, senderId, reader, id }: { sectionId: SectionId; senderId: SenderId; reader: Reader; id: number },
): Promise<CaughtMail | undefined> {
  const row = await maybeOne<CaughtLine & { from: string; raw: Buffer; sendId: SendId | null }>(
    db,
    sql`
      select id, channel, at, from_address as "from", to_address as "to", subject, raw, is_test as "isTest", send_id as "sendId"
      from caught_mail
      where section_id = ${sectionId} and sender_id = ${senderId} and id = ${id} ${SHOWN[reader]}`,
  );
  if (!row) return undefined;
  const { raw, sendId, ...line } = row;
  const message = sendId === null ? null : await messageOf(db, sectionId, sendId);
  if (line.channel === 'sms') {
    const text = raw.toString('utf8');
    return { ...line, headers: [], text, html: null, source: text, bytes: raw.length, message };
  }
  const { headers, text, html } = await PostalMime.parse(raw);
  return {
    ...line,
    headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    text: text ?? '',
    html: html ?? null,
    source: raw.toString('utf8'),
    bytes: raw.length,
    message,
  };
}

async function messageOf(db: Db, sectionId: SectionId, sendId: SendId): Promise<CaughtMail['message']> {
  const found = await maybeOne<{ id: MessageId; name: string }>(
    db,
    sql`
      select message.id, message.name from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id and message.deleted_at is null
      where send.section_id = ${sectionId} and send.id = ${sendId}`,
  );
  return found ?? null;
}

/** The send that a mail is of, which we wrote into it. */
export function sendOf(raw: Buffer): { sendId: SendId | null; isTest: boolean } {
  const of = /\r\nFeedback-ID: send-(\d{1,9}|test):/.exec(headOf(raw))?.[1];
  return { sendId: of === undefined || of === 'test' ? null : (Number(of) as SendId), isTest: of === 'test' };
}

function headOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  return raw.subarray(0, end < 0 ? raw.length : end).toString('utf8');
}

/** The subject of a mail that we composed: its encoded words are read again, as lists need no more of it. */
export function subjectOf(raw: Buffer): string {
  const value = /(?:^|\r\n)Subject:((?:[^\r]|\r\n[ \t])*)/i.exec(headOf(raw))?.[1] ?? '';
  const bytes = value
    .trim()
    .split(/\r\n[ \t]+/)
    .map((part) => {
      const word = /^=\?UTF-8\?([QB])\?(.*)\?=$/i.exec(part);
      return word ? decoded(word[1]!, word[2]!) : Buffer.from(` ${part}`);
    });
  return Buffer.concat(bytes).toString('utf8').trim();
}

const decoded = (way: string, text: string): Buffer =>
  way.toUpperCase() === 'B'
    ? Buffer.from(text, 'base64')
    : Buffer.from(
        text.replace(/_/g, ' ').replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      );
