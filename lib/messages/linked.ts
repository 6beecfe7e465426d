// What a token leads to. Looked up for many at once, and kept: a newsletter's links are followed by thousands in the same minutes.
import type { MessageId, SectionId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { destinationOf } from './links';
import { MessageSettingsSchema } from './schema';
import type { Named } from './token';

const SENDS_KEPT = 200;
const RECIPIENTS_KEPT = 50_000;

/** What was written to the recipients of a send. */
export type Written = { messageId: MessageId; compiled: CompiledMail; destinations: string[] };

/** Sends never change what they wrote. */
const written = new Map<string, Promise<Written | undefined>>();

/** What a send wrote. */
export function writtenIn(sectionId: SectionId, sendId: SendId): Promise<Written | undefined> {
  const key = `${sectionId}.${sendId}`;
  let found = written.get(key);
  if (!found) {
    if (written.size >= SENDS_KEPT) written.delete(written.keys().next().value!);
    found = readWritten(sectionId, sendId);
    written.set(key, found);
    found.catch(() => written.delete(key));
  }
  return found;
}

async function readWritten(sectionId: SectionId, sendId: SendId): Promise<Written | undefined> {
  const found = await maybeOne<{ messageId: MessageId; compiled: CompiledMail; settings: unknown }>(
    pool(),
    sql`
      select send.message_id as "messageId", version.compiled, send.settings
      from send
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where send.section_id = ${sectionId} and send.id = ${sendId}`,
  );
  if (!found) return undefined;
  const { utm } = MessageSettingsSchema.parse(found.settings);
  return { ...found, destinations: found.compiled.links.map(({ address }) => inHeader(destinationOf(address, utm))) };
}

/** As a header can carry it: as it is written, or else as browsers write it. */
function inHeader(address: string): string {
  if (/^[\x21-\x7e]+$/.test(address)) return address;
  return URL.parse(address)?.href ?? encodeURI(address);
}

const sends = new Map<string, SendId>();
type Asked = { number: number; found: (sendId: SendId | undefined) => void; failed: (error: unknown) => void };
const asked = new Map<SectionId, Asked[]>();

/** The send that a recipient's number is of. Those who ask while a look-up runs share the next one. */
export function sendOf(sectionId: SectionId, number: number): Promise<SendId | undefined> | SendId {
  return (
    sends.get(`${sectionId}.${number}`) ??
    new Promise((found, failed) => {
      const waiting = asked.get(sectionId);
      waiting?.push({ number, found, failed });
      if (waiting) return;
      asked.set(sectionId, [{ number, found, failed }]);
      setTimeout(() => void lookUp(sectionId), 1);
    })
  );
}

async function lookUp(sectionId: SectionId): Promise<void> {
  const all = asked.get(sectionId) ?? [];
  asked.delete(sectionId);
  try {
    const found = await rows<{ number: number; sendId: SendId }>(
      pool(),
      sql`
        select number, send_id as "sendId" from recipient
        where section_id = ${sectionId} and number = any(${all.map(({ number }) => number)}::bigint[])`,
      { prepare: true },
    );
    const by = new Map(found.map(({ number, sendId }) => [number, sendId]));
    if (sends.size + by.size > RECIPIENTS_KEPT) sends.clear();
    for (const [number, sendId] of by) sends.set(`${sectionId}.${number}`, sendId);
    for (const one of all) one.found(by.get(one.number));
  } catch (error) {
    for (const one of all) one.failed(error);
  }
}

/** Where the link of a token leads; undefined if there is no such link. Only addresses that the message has: nobody can make us lead elsewhere. */
export async function destinationOfLink({ sectionId, number, link }: Named): Promise<string | undefined> {
  if (number === null) return undefined;
  const sendId = await sendOf(sectionId, number);
  if (sendId === undefined) return undefined;
  const address = (await writtenIn(sectionId, sendId))?.destinations[link];
  return address !== undefined && /^https?:\/\//i.test(address) ? address : undefined;
}
