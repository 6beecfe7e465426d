// Why a message cannot go out: a tag, a segment, an attribute or a topic of it is hidden or gone. Looked at when it is scheduled, when its
// audience is frozen, and again while it goes out.
import { Refusal } from '@/lib/access/refusal';
import { openAudience, type OpenAudience } from '@/lib/audience/open';
import type { Audience } from '@/lib/audience/schema';
import type { SectionId, TopicId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import type { OpenSend } from './progress';

/** What a message uses. `topicIds`: those whose consent it needs. */
export type Used = {
  audience: Audience;
  content: Pick<CompiledMail, 'tagIds' | 'attributeIds'>;
  topicIds: readonly TopicId[];
};

/** What a send uses. */
export const usedBy = ({ audience, compiled, kind, topicIds }: OpenSend): Used => ({
  audience,
  content: compiled,
  topicIds: kind === 'service' ? [] : topicIds,
});

/** Its audience, opened; or `attention`: why a message cannot go out, in words. */
export async function openToSend(
  db: Db,
  sectionId: SectionId,
  { audience, content, topicIds }: Used,
): Promise<{ open: OpenAudience } | { attention: string }> {
  const [lost] = await lostInContent(db, sectionId, content);
  if (lost) return { attention: lost };
  const hidden = await hiddenTopic(db, sectionId, topicIds);
  if (hidden) return { attention: hidden };
  try {
    return { open: await openAudience(db, sectionId, audience) };
  } catch (error) {
    if (error instanceof Refusal) return { attention: error.message };
    throw error;
  }
}

/** What the text of a message uses and cannot, in words. */
export async function lostInContent(
  db: Db,
  sectionId: SectionId,
  { tagIds, attributeIds }: Used['content'],
): Promise<string[]> {
  if (tagIds.length + attributeIds.length === 0) return [];
  const lost = await rows<{ kind: string; name: string | null }>(
    db,
    sql`
      select 'tag' as kind, tag.name
      from unnest(${tagIds}::int[]) as wanted (id)
      left join tag on tag.section_id = ${sectionId} and tag.id = wanted.id
      where tag.id is null or tag.hidden_at is not null
      union all
      select 'attribute', attribute.name
      from unnest(${attributeIds}::int[]) as wanted (id)
      left join attribute on attribute.section_id = ${sectionId} and attribute.id = wanted.id
      where attribute.id is null or attribute.hidden_at is not null`,
  );
  return lost.map(({ kind, name }) =>
    name === null
      ? `The content uses ${kind === 'tag' ? 'a tag' : 'an attribute'} that does not exist any more.`
      : `The content uses the ${kind} “${name}”, which is hidden.`,
  );
}

/** Nobody can choose any more whether they get what is about it. */
async function hiddenTopic(db: Db, sectionId: SectionId, topicIds: readonly TopicId[]): Promise<string | undefined> {
  if (topicIds.length === 0) return undefined;
  const hidden = await maybeOne<{ name: string }>(
    db,
    sql`
      select name from topic
      where section_id = ${sectionId} and id = any(${topicIds}::int[]) and hidden_at is not null
      order by name_key limit 1`,
  );
  return hidden && `The topic “${hidden.name}” is hidden.`;
}
