// Links of messages that a condition on clicks can ask for, also of messages that were changed or deleted since.
import type { MessageId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { linkKey, linksOfVersions } from '@/lib/events/clicked-links';
import { addressInNames, attributesInAddress } from '@/lib/mail-document/link-values';
import type { NamedAttribute } from '@/lib/mail-document/written-values';

/** `of`: the message. `value`: see `linkKey`. */
export type LinkOption = { of: MessageId; value: string; label: string };

/** The links of messages, each once, in their order. */
export async function linksOfMessages(
  db: Db,
  sectionId: SectionId,
  messageIds: readonly MessageId[],
): Promise<LinkOption[]> {
  if (messageIds.length === 0) return [];
  const found = await rows<{ of: MessageId; value: string; place: string; address: string }>(
    db,
    sql`
      select link.message_id as of, ${linkKey(sql`link.link`)} as value, link.link ->> 'place' as place,
        link.link ->> 'address' as address
      from ${linksOfVersions(sectionId, sql`${messageIds}::int[]`)} link
      group by 1, 2, 3, 4
      order by 1, min(link.nth), 2`,
  );
  const named = await inNames(db, sectionId, found);
  return named.map(({ of, value, place, address }) => ({ of, value, label: `${place}: ${address}` }));
}

/** Addresses as people read them: with the names of attributes. */
export async function inNames<Link extends { address: string }>(
  db: Db,
  sectionId: SectionId,
  links: readonly Link[],
): Promise<Link[]> {
  const ids = links.flatMap(({ address }) => attributesInAddress(address));
  if (ids.length === 0) return [...links];
  const attributes = await rows<NamedAttribute>(
    db,
    sql`select id, name from attribute where section_id = ${sectionId} and id = any(${ids}::int[])`,
  );
  return links.map((link) => ({ ...link, address: addressInNames(link.address, attributes) }));
}
