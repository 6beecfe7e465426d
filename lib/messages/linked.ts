// What a token leads to. Looked up for many at once, and kept: a newsletter's links are followed by thousands in the same minutes.
import type { AttributeId, MessageId, SectionId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { attributesInAddress, filledAddress } from '@/lib/mail-document/link-values';
import { askedTogether } from './asked-together';
import { destinationOf } from './destination';
import { linkValuesOf } from './link-person';
import { MessageSettingsSchema } from './schema';
import type { Named } from './token';

const SENDS_KEPT = 200;
const RECIPIENTS_KEPT = 50_000;

/** Where a link leads: ready for a header if it has no values. */
type Destination = { address: string; attributeIds: AttributeId[] };

/** What was written to the recipients of a send. */
export type Written = { messageId: MessageId; compiled: CompiledMail; destinations: Destination[] };

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
  const destinations = found.compiled.links.map(({ address: written }): Destination => {
    const address = destinationOf(written, utm);
    const attributeIds = attributesInAddress(address);
    return { address: attributeIds.length > 0 ? address : inHeader(address), attributeIds };
  });
  return { ...found, destinations };
}

/** As a header can carry it: as it is written, or else as browsers write it. */
function inHeader(address: string): string {
  if (/^[\x21-\x7e]+$/.test(address)) return address;
  return URL.parse(address)?.href ?? encodeURI(address);
}

const sends = new Map<string, SendId>();
const lookUp = askedTogether<number, SendId | undefined>(async (sectionId, numbers) => {
  const found = await rows<{ number: number; sendId: SendId }>(
    pool(),
    sql`
      select number, send_id as "sendId" from recipient
      where section_id = ${sectionId} and number = any(${numbers}::bigint[])`,
    { prepare: true },
  );
  const by = new Map(found.map(({ number, sendId }) => [number, sendId]));
  if (sends.size + by.size > RECIPIENTS_KEPT) sends.clear();
  for (const [number, sendId] of by) sends.set(`${sectionId}.${number}`, sendId);
  return (number) => by.get(number);
});

/** The send that a recipient's number is of. */
export const sendOf = (sectionId: SectionId, number: number): Promise<SendId | undefined> | SendId =>
  sends.get(`${sectionId}.${number}`) ?? lookUp(sectionId, number);

/**
 * Where the link of a token leads; undefined if there is no such link. Only addresses that the message has, with what its person's values are now: nobody
 * can make us lead elsewhere.
 */
export async function destinationOfLink({ sectionId, number, link }: Named): Promise<string | undefined> {
  if (number === null) return undefined;
  const sendId = await sendOf(sectionId, number);
  if (sendId === undefined) return undefined;
  const to = (await writtenIn(sectionId, sendId))?.destinations[link];
  if (to === undefined || !/^https?:\/\//i.test(to.address)) return undefined;
  const { address, attributeIds } = to;
  if (attributeIds.length === 0) return address;
  return inHeader(filledAddress(address, await linkValuesOf(sectionId, { number, attributeIds })));
}
