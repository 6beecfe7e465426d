// What happens to tags when their profiles are erased, merged or undone; and their lines in the timeline.
import { rows, sql, type Db } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { eraseTags, moveTags } from './of-profiles';
import { throughOf } from './origin';
import { sourceInWords, sourceOf, SOURCES } from './source';

export const tagFollower: ProfileFollower = {
  tables: ['profile_tag', 'tag_claim', 'tag_change'],
  erase: (tx, { cause, profileIds, formerly }) => eraseTags(tx, cause, profileIds, formerly),
  merge: (tx, { cause, into, from }) => moveTags(tx, cause, { from, into }),
  keepReasons: [
    {
      why: 'tagged since',
      when: ({ sectionId, profileId, byOthers }) => sql`exists (
        select from tag_change ledger
        where ledger.section_id = ${sectionId} and ledger.profile_id = ${profileId} and ${byOthers(sql`ledger`)}
      )`,
    },
    {
      why: 'has a tag that has been hidden since',
      when: ({ sectionId, profileId, tagsUndone }) => sql`exists (
        select from profile_tag held
        join tag on tag.section_id = held.section_id and tag.id = held.tag_id
        where held.section_id = ${sectionId} and held.profile_id = ${profileId}
          ${tagsUndone ? sql`` : sql`and tag.hidden_at is not null`}
      )`,
    },
  ],
  timeline: { stream: 'tags', words: 'Tags', read: readTagLines },
};

type TagLine = {
  id: number;
  at: Date;
  action: number;
  tag: string;
  source: number;
  by: string | null;
  through: string | null;
  undoneAt: Date | null;
  undoneBy: string | null;
};

/**
 * Lines of visible tags. An undo is shown with the change that it took back; a tag moved by a merge of profiles with the merge, and its
 * original application is shown.
 */
async function readTagLines(
  db: Db,
  { sectionId, profileId, formerly, older, limit }: TimelinePage,
): Promise<TimelineEntry[]> {
  const ids = [profileId, ...formerly];
  const found = await rows<TagLine>(
    db,
    sql`
      select change.id, change.at, change.action, change.tag, change.source, app_user.name as by,
        ${throughOf(sectionId, sql`change`)} as through, undone.at as "undoneAt", undoer.name as "undoneBy"
      from (
        select change.*, tag.name as tag
        from tag_change change
        join tag on tag.section_id = change.section_id and tag.id = change.tag_id and tag.hidden_at is null
        where change.section_id = ${sectionId} and change.profile_id = any(${ids}::bigint[]) and change.visible
          and change.source <> ${SOURCES.undo}
          and not (change.source = ${SOURCES.merge} and change.operation_id is null)
          and ${older(sql`change.at`, sql`change.id`)}
        order by change.at desc, change.id desc
        limit ${limit}
      ) change
      left join app_user on app_user.id = change.user_id
      left join lateral (
        select max(next.at) as at, (array_agg(next.user_id order by next.id desc))[1] as user_id
        from tag_change next
        where next.section_id = ${sectionId} and next.profile_id = change.profile_id and next.tag_id = change.tag_id
          and next.visible and next.id > change.id and next.source = ${SOURCES.undo}
          and not exists (
            select from tag_change other
            where other.section_id = ${sectionId} and other.profile_id = change.profile_id
              and other.tag_id = change.tag_id and other.visible and other.source <> ${SOURCES.undo}
              and other.id > change.id and other.id < next.id
          )
        having count(*) % 2 = 1
      ) undone on true
      left join app_user undoer on undoer.id = undone.user_id
      order by change.at desc, change.id desc`,
  );
  return found.map(({ id, at, action, tag, source, by, through, undoneAt, undoneBy }) => ({
    id,
    at,
    icon: action === 1 ? 'tag' : 'tag-off',
    about: tag,
    what: action === 1 ? 'applied' : 'removed',
    details: [],
    from: sourceInWords({ source: sourceOf(source), by, through }),
    undone: undoneAt && { at: undoneAt, by: undoneBy },
  }));
}
