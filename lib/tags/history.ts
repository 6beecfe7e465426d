// What was done to a tag itself, from the audit log: everyone who sees the tag may read it.
import type { SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';

/** One thing that was done to a tag. `at`: ISO 8601; `by`: null if it is not known. */
export type TagEvent = { at: string; by: string | null; summary: string };

const MOST = 50;

type Line = { at: Date; by: string | null; summary: string; command: string };

/**
 * The newest 50 things that were done to a tag, newest first, ending with its creation. A tag that was created for an import or by a
 * version without an audit log has no line of its own about that: then the tag's row says it.
 */
export async function tagHistory(db: Db, sectionId: SectionId, tagId: TagId): Promise<TagEvent[]> {
  const audited = await rows<Line>(
    db,
    sql`
      select at, actor_name as by, summary, command
      from audit_entry
      where section_id = ${sectionId} and subject = ${`tag:${tagId}`}
      order by id desc
      limit ${MOST}`,
  );
  const known = await rows<Line>(
    db,
    sql`
      select tag.created_at as at, creator.name as by, format('Created the tag “%s”', tag.name) as summary,
        'tags.create' as command
      from tag
      left join app_user creator on creator.id = tag.created_by
      where tag.section_id = ${sectionId} and tag.id = ${tagId}
      union all
      select merged.hidden_at, hider.name, format('Merged “%s” into this tag', merged.name), 'tags.merged-into'
      from tag merged
      left join app_user hider on hider.id = merged.hidden_by
      where merged.section_id = ${sectionId} and merged.merged_into = ${tagId}`,
  );
  const isAudited = audited.some(({ command }) => command === 'tags.create');
  const lines = [...audited, ...known.filter(({ command }) => !isAudited || command !== 'tags.create')];
  return lines
    .sort((one, other) => other.at.getTime() - one.at.getTime())
    .slice(0, MOST)
    .map(({ at, by, summary }) => ({ at: at.toISOString(), by, summary }));
}
