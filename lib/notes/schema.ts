// Notes on a profile: plain text, with who wrote it and when.
import type { NoteId } from '@/lib/db/ids';
import { proseSchema } from '@/lib/text/prose';

export const NOTE_MAX = 5_000;
/** The most notes of a profile; a merge may bring more. */
export const NOTES_MAX = 500;

/** A note's text. */
export const NoteTextSchema = proseSchema(
  NOTE_MAX,
  `A note has at most ${NOTE_MAX.toLocaleString('en-GB')} characters.`,
).min(1, 'Write something first.');

/** `own`: written by the viewer, who may edit and delete it. */
export type Note = { id: NoteId; text: string; at: Date; editedAt: Date | null; by: string | null; own: boolean };
