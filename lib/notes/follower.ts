// What becomes of notes when their profiles are erased, merged or undone; and their lines in the timeline.
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { sourceInWords } from '@/lib/tags/source';

export const noteFollower: ProfileFollower = {
  tables: ['profile_note'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from profile_note where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`update profile_note set profile_id = ${into}
          where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
  keepReasons: [
    {
      why: 'has a note',
      when: ({ sectionId, profileId }) => sql`exists (
        select from profile_note note where note.section_id = ${sectionId} and note.profile_id = ${profileId}
      )`,
    },
  ],
  timeline: { stream: 'notes', words: 'Notes', read: readNoteLines },
};

type NoteLine = { id: number; at: Date; text: string; by: string | null };

async function readNoteLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<NoteLine>(
    db,
    sql`
      select note.id, note.at, note.text, app_user.name as by
      from profile_note note
      left join app_user on app_user.id = note.user_id
      where note.section_id = ${sectionId} and note.profile_id = ${profileId} and ${older(sql`note.at`, sql`note.id`)}
      order by note.at desc, note.id desc
      limit ${limit}`,
  );
  return found.map(({ id, at, text, by }) => ({
    id,
    at,
    icon: 'note',
    about: null,
    what: 'Note',
    details: [{ name: '', after: text }],
    from: sourceInWords({ source: 'user', by, through: null }),
    undone: null,
  }));
}
