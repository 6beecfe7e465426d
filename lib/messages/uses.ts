// What messages use: recorded with their content and audience, and their names for lists of users.
import type { Audience } from '@/lib/audience/schema';
import type { AttributeId, MessageId, SectionId, TagId, TopicId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { referencesOf } from '@/lib/mail-document/blocks';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';
import { variantsOf } from './ab-schema';
import type { Content } from './schema';
import { attributesOfSms, tagsOfSms } from './sms-pieces';

/** What a content refers to, in any of its variants. */
export function referencesIn(content: Content): { tagIds: TagId[]; attributeIds: AttributeId[] } {
  if (content.channel === 'sms') {
    return { tagIds: tagsOfSms(content.text), attributeIds: attributesOfSms(content.text) };
  }
  const all = variantsOf(content).map(referencesOf);
  return {
    tagIds: [...new Set(all.flatMap(({ tagIds }) => tagIds))],
    attributeIds: [...new Set(all.flatMap(({ attributeIds }) => attributeIds))],
  };
}

/** Records what a message refers to. */
export function writeMessageUses(
  tx: Tx,
  sectionId: SectionId,
  {
    id,
    content,
    audience,
    topicIds,
  }: { id: MessageId; content: Content; audience: Audience; topicIds: readonly TopicId[] },
): Promise<void> {
  const { tagIds, attributeIds } = referencesIn(content);
  return writeUses(tx, sectionId, 'message', [
    {
      id,
      uses: [
        ...tagIds.map((tag) => ({ kind: 'tag' as const, id: tag })),
        ...attributeIds.map((attribute) => ({ kind: 'attribute' as const, id: attribute })),
        ...topicIds.map((topic) => ({ kind: 'topic' as const, id: topic })),
        // Messages are never deleted for good, so nothing has to know who refers to one.
        ...[...audience.include, ...audience.exclude].flatMap((part) =>
          part.kind === 'message' ? [] : [{ kind: part.kind, id: part.id }],
        ),
      ],
    },
  ]);
}

/** A deleted message uses nothing, so that what it used can be deleted too. */
export const forgetMessageUses = (tx: Tx, sectionId: SectionId, id: MessageId): Promise<void> =>
  writeUses(tx, sectionId, 'message', [{ id, uses: [] }]);

/** Messages by id, in the order of their names. Those that were deleted depend on nothing. */
export function namedMessages(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select id, name, deleted_at is null as active from message
      where section_id = ${sectionId} and id = any(${ids}::int[])
      order by name_key, id`,
  );
}
