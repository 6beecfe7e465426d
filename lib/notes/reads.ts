// What pages read of notes.
import { actorUserId } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import type { Note } from './schema';

/** The newest notes are listed; older ones are in the timeline. */
const LISTED = 50;

/** The notes on a profile, newest first. */
export const readNotes = query({
  name: 'notes.list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: ({ db, actor }, { sectionId, profileId }) =>
    rows<Note>(
      db,
      sql`
        select note.id, note.text, note.at, note.edited_at as "editedAt", app_user.name as by,
          coalesce(note.user_id = ${actorUserId(actor)}::int, false) as own
        from profile_note note
        left join app_user on app_user.id = note.user_id
        where note.section_id = ${sectionId} and note.profile_id = ${profileId}
        order by note.at desc, note.id desc
        limit ${LISTED}`,
    ),
});
