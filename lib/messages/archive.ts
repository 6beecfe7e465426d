// Sent mails that anybody can read on the web. The page is written to nobody: values are what people without one read, blocks for people with a tag are
// left out, links lead straight to where they lead, and there is no way out in it, since it is no person's.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { installationAddress } from '@/lib/config/installation';
import { inAddress, MessageIdSchema, type MessageId, type SectionId, type SendId } from '@/lib/db/ids';
import { InSection } from '@/lib/access/declared';
import { pool } from '@/lib/db/pool';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import { variantOf, type CompiledMail } from '@/lib/mail-document/compile';
import { filledAddress } from '@/lib/mail-document/link-values';
import { openRenderer, type Recipient } from '@/lib/mail-document/render';
import { writtenIn } from './linked';
import { InMessage } from './schema';

/** Paths of pages of the archive: this, the section and the code. */
export const ARCHIVE_PATH = /^\/a\/(\d{1,10})\/([A-Za-z0-9_-]{16})(?:[^A-Za-z0-9_-]|$)/;

const addressOf = (sectionId: SectionId, code: string): string => `${installationAddress()}/a/${sectionId}/${code}`;

/** A message's page. `isOn`: anybody who has the address can read it. */
export type PublishedMessage = {
  address: string;
  isOn: boolean;
  searchable: boolean;
  publishedAt: Date;
  by: string | null;
};

/** Whether and where a message is on the web; null if it never was. */
export const readPublished = query({
  name: 'messages.read-published',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: async ({ db }, { sectionId, messageId }): Promise<PublishedMessage | null> => {
    const found = await maybeOne<Omit<PublishedMessage, 'address'> & { code: string }>(
      db,
      sql`
        select published.code, published.withdrawn_at is null as "isOn", published.searchable,
          published.published_at as "publishedAt", app_user.name as by
        from published_message published
        left join app_user on app_user.id = published.published_by
        where published.section_id = ${sectionId} and published.message_id = ${messageId}`,
    );
    if (!found) return null;
    const { code, ...page } = found;
    return { ...page, address: addressOf(sectionId, code) };
  },
});

/** Puts a sent mail on the web, or changes whether search engines may list it. Returns its address, which is always the same. */
export const publishMessage = command({
  name: 'messages.publish',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({ searchable: z.boolean() }),
  run: async ({ tx, actor }, { sectionId, messageId, searchable }) => {
    const message = await sentMessage(tx, sectionId, messageId);
    const published = await maybeOne<{ code: string }>(
      tx,
      sql`
        insert into published_message (section_id, message_id, code, send_id, searchable, published_by, published_at)
        values (${sectionId}, ${messageId}, ${randomBytes(12).toString('base64url')}, ${message.sendId}, ${searchable},
          ${actorUserId(actor)}, ${new Date()})
        on conflict (section_id, message_id) do update
        set send_id = excluded.send_id, searchable = excluded.searchable, published_by = excluded.published_by,
          published_at = excluded.published_at, withdrawn_at = null
        returning code`,
    );
    return { name: message.name, address: addressOf(sectionId, published!.code) };
  },
  audit: ({ messageId, searchable }, { name }) => ({
    summary: `Published the message “${name}” on the web${searchable ? ', also for search engines' : ''}`,
    subject: `message:${messageId}`,
  }),
});

/** Takes a message off the web. Its address says so from now on. */
export const withdrawMessage = command({
  name: 'messages.withdraw',
  scope: 'section',
  allow: 'everyone',
  input: InMessage,
  run: async ({ tx }, { sectionId, messageId }) => {
    const found = await maybeOne<{ name: string }>(
      tx,
      sql`
        update published_message published set withdrawn_at = ${new Date()}
        from message
        where published.section_id = ${sectionId} and published.message_id = ${messageId}
          and message.section_id = ${sectionId} and message.id = ${messageId}
        returning message.name`,
    );
    return found ?? refuse('not_found', 'This message is not on the web.');
  },
  audit: ({ messageId }, { name }) => ({
    summary: `Took the message “${name}” off the web`,
    subject: `message:${messageId}`,
  }),
});

/** The message with its last send of which mails have left. */
async function sentMessage(
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
): Promise<{ name: string; sendId: SendId }> {
  const message = await maybeOne<{ name: string; channel: string; sendId: SendId | null }>(
    db,
    sql`
      select message.name, message.channel, (
          select max(send.id) from send
          where send.section_id = ${sectionId} and send.message_id = ${messageId} and send.origin = 'broadcast'
            and send.frozen_at is not null
        ) as "sendId"
      from message
      where message.section_id = ${sectionId} and message.id = ${messageId} and message.deleted_at is null`,
  );
  if (!message) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
  if (message.channel !== 'email') return refuse('invalid', 'Only emails can be pages on the web.');
  if (message.sendId === null)
    return refuse('conflict', 'Only a message that has been sent to an audience can be published.');
  return { name: message.name, sendId: message.sendId };
}

const NOBODY: Recipient = { values: new Map(), tags: new Set() };

/** A page of the archive; undefined if there is none at this address, or it was taken off. */
export async function readArchivePage(
  sectionId: SectionId,
  code: string,
): Promise<{ html: string; searchable: boolean } | undefined> {
  const page = await maybeOne<{ sendId: SendId; searchable: boolean; winner: number | null }>(
    pool(),
    sql`
      select published.send_id as "sendId", published.searchable, send.winner
      from published_message published
      join send on send.section_id = ${sectionId} and send.id = published.send_id
      where published.section_id = ${sectionId} and published.code = ${code} and published.withdrawn_at is null`,
  );
  const written = page && (await writtenIn(sectionId, page.sendId));
  if (!written) return undefined;
  return {
    html: forNobody(variantOf(written.compiled, page.winner ?? 0), addressOf(sectionId, code)),
    searchable: page.searchable,
  };
}

/** A mail as a page of nobody. `address`: its own; pictures come from the same host. */
export function forNobody(compiled: CompiledMail, address: string): string {
  const links = compiled.links.map((link) => filledAddress(link.address, NOBODY.linkValues));
  return openRenderer({ ...compiled, html: withoutOwnLinks(compiled.html) })(NOBODY, {
    links,
    unsubscribe: '',
    preferences: '',
    view: address,
    open: null,
  }).html;
}

const OWN_LINK = String.raw`<a\b[^<>]*href="\{\{ (?:unsubscribe|preferences|view)_url \}\}"[^<>]*>[^<]*</a>`;

/** Without the links that every mail ends with, and what stands between them. What was typed cannot look like them: its braces are guarded. */
const withoutOwnLinks = (html: string): string =>
  html.replace(new RegExp(String.raw`${OWN_LINK}(?:\s*&nbsp;·&nbsp;\s*(?=<a\b))?`, 'g'), '');
