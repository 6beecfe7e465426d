// What pages read of notes.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import { NOTES_MAX, type Note } from './schema';

/** How many are listed at first. */
const LISTED = 50;

/** Notes, newest first. `older`: there are more. */
export type Notes = { notes: Note[]; older: boolean };

/** The newest notes on a profile; with `skip`, all that are older than the newest so many. */
export const readNotes = query({
  name: 'notes.list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    profileId: ProfileIdSchema,
    skip: z.coerce.number().int().min(0).max(NOTES_MAX).default(0),
  }),
  run: async ({ db, actor }, { sectionId, profileId, skip }): Promise<Notes> => {
    const limit = skip === 0 ? LISTED : NOTES_MAX;
    const found = await rows<Note>(
      db,
      sql`
        select note.id, note.text, note.at, note.edited_at as "editedAt", app_user.name as by,
          coalesce(note.user_id = ${actorUserId(actor)}::int, false) as own
        from profile_note note
        left join app_user on app_user.id = note.user_id
        where note.section_id = ${sectionId} and note.profile_id = ${profileId}
        order by note.at desc, note.id desc
        limit ${limit + 1} offset ${skip}`,
    );
    return { notes: found.slice(0, limit), older: found.length > limit };
  },
});
