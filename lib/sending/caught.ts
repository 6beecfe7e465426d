// Reads of the built-in mailbox: the list, and one mail in its parts, or an SMS.
import PostalMime from 'postal-mime';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';

export type Channel = 'email' | 'sms';

/** `subject`: of an SMS its first line. */
export type CaughtLine = { id: number; channel: Channel; at: Date; to: string; subject: string };

/** A mail as it was kept. `html`: as it came; it is to be shown where nothing of it can run. */
export type CaughtMail = CaughtLine & {
  from: string;
  headers: { name: string; value: string }[];
  text: string;
  html: string | null;
  source: string;
  bytes: number;
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

/** The newest mails of a mailbox, those before `before`, whose recipient or subject has all the words of `search`. */
export function listCaught(
  db: Db,
  {
    sectionId,
    senderId,
    reader,
    search,
    before,
    limit,
  }: { sectionId: SectionId; senderId: SenderId; reader: Reader; search: string; before?: number; limit: number },
): Promise<CaughtLine[]> {
  const words = search.trim().split(/\s+/).filter(Boolean).slice(0, 8);
  const matches = words.map(
    (word) => sql`and (to_address || ' ' || subject) ilike ${`%${word.replace(/[\\%_]/g, '\\$&')}%`}`,
  );
  return rows<CaughtLine>(
    db,
    sql`
      select id, channel, at, to_address as "to", subject from caught_mail
      where section_id = ${sectionId} and sender_id = ${senderId} ${SHOWN[reader]} ${before === undefined ? sql`` : sql`and id < ${before}`}
        ${matches.reduce((all, part) => sql`${all} ${part}`, sql``)}
      order by id desc limit ${limit}`,
  );
}

/** A mail of a mailbox, taken apart; undefined if it is no longer kept. */
export async function readCaught(
  db: Db,
  { sectionId, senderId, reader, id }: { sectionId: SectionId; senderId: SenderId; reader: Reader; id: number },
): Promise<CaughtMail | undefined> {
  const row = await maybeOne<CaughtLine & { from: string; raw: Buffer }>(
    db,
    sql`
      select id, channel, at, from_address as "from", to_address as "to", subject, raw from caught_mail
      where section_id = ${sectionId} and sender_id = ${senderId} and id = ${id} ${SHOWN[reader]}`,
  );
  if (!row) return undefined;
  const { raw, ...line } = row;
  if (line.channel === 'sms') {
    const text = raw.toString('utf8');
    return { ...line, headers: [], text, html: null, source: text, bytes: raw.length };
  }
  const { headers, text, html } = await PostalMime.parse(raw);
  return {
    ...line,
    headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    text: text ?? '',
    html: html ?? null,
    source: raw.toString('utf8'),
    bytes: raw.length,
  };
}

/** The subject of a mail that we composed: its encoded words are read again, as lists need no more of it. */
export function subjectOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.subarray(0, end < 0 ? raw.length : end).toString('utf8');
  const value = /(?:^|\r\n)Subject:((?:[^\r]|\r\n[ \t])*)/i.exec(head)?.[1] ?? '';
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
