// Writing notes on a profile. Everybody may; editing and deleting is for the author.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  NoteIdSchema,
  ProfileIdSchema,
  SectionIdSchema,
  type NoteId,
  type ProfileId,
  type SectionId,
} from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { lockProfile } from '@/lib/profiles/fields';
import { NoteTextSchema, NOTES_MAX } from './schema';

const OfNote = z.object({ sectionId: SectionIdSchema, noteId: NoteIdSchema });

/** Adds a note. Refuses with `not_found` where the profile has gone. */
export const addNote = command({
  name: 'notes.add',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, profileId: ProfileIdSchema, text: NoteTextSchema }),
  run: async ({ tx, actor }, { sectionId, profileId, text }) => {
    await lockProfile(tx, sectionId, profileId);
    const { notes } = await one<{ notes: number }>(
      tx,
      sql`
        select count(*) as notes from profile_note
        where section_id = ${sectionId} and profile_id = ${profileId}`,
    );
    if (notes >= NOTES_MAX) {
      refuse('conflict', `A profile has at most ${NOTES_MAX} notes. Delete an old one, or add to one that is there.`);
    }
    return one<{ id: NoteId }>(
      tx,
      sql`
        insert into profile_note (section_id, profile_id, text, at, user_id)
        values (${sectionId}, ${profileId}, ${text}, ${new Date()}, ${actorUserId(actor)})
        returning id`,
    );
  },
  audit: ({ profileId }) => ({ summary: 'Added a note to a profile', subject: `profile:${profileId}` }),
});

/** Replaces the text of an own note. */
export const editNote = command({
  name: 'notes.edit',
  scope: 'section',
  allow: 'everyone',
  input: OfNote.extend({ text: NoteTextSchema }),
  run: async ({ tx, actor }, { sectionId, noteId, text }) => {
    const profileId = await lockOwnNote(tx, actor, sectionId, noteId);
    await execute(
      tx,
      sql`
        update profile_note set text = ${text}, edited_at = ${new Date()}
        where section_id = ${sectionId} and id = ${noteId} and text <> ${text}`,
    );
    return { profileId };
  },
  audit: (_input, { profileId }) => ({ summary: 'Edited a note on a profile', subject: `profile:${profileId}` }),
});

/** Deletes an own note. */
export const deleteNote = command({
  name: 'notes.delete',
  scope: 'section',
  allow: 'everyone',
  input: OfNote,
  run: async ({ tx, actor }, { sectionId, noteId }) => {
    const profileId = await lockOwnNote(tx, actor, sectionId, noteId);
    await execute(tx, sql`delete from profile_note where section_id = ${sectionId} and id = ${noteId}`);
    return { profileId };
  },
  audit: (_input, { profileId }) => ({ summary: 'Deleted a note on a profile', subject: `profile:${profileId}` }),
});

async function lockOwnNote(tx: Tx, actor: Actor, sectionId: SectionId, noteId: NoteId): Promise<ProfileId> {
  const note = await maybeOne<{ profileId: ProfileId; userId: number | null }>(
    tx,
    sql`
      select profile_id as "profileId", user_id as "userId" from profile_note
      where section_id = ${sectionId} and id = ${noteId}
      for update`,
  );
  if (!note) return refuse('not_found', 'This note no longer exists: it was deleted, or its profile was.');
  if (note.userId !== actorUserId(actor)) {
    return refuse('not_allowed', 'Only the person who wrote a note can edit or delete it.');
  }
  return note.profileId;
}
