// Notes on a profile: plain text, with who wrote it and when.
import { z } from 'zod';
import type { NoteId } from '@/lib/db/ids';

export const NOTE_MAX = 5_000;

/** A note's text, with `\n` between lines and no white space around it. */
export const NoteTextSchema = z
  .string()
  .max(NOTE_MAX * 2, `A note has at most ${NOTE_MAX.toLocaleString('en-GB')} characters.`)
  .transform((text) => text.replace(/\r\n?/g, '\n').trim())
  .pipe(
    z
      .string()
      .min(1, 'Write something first.')
      .max(NOTE_MAX, `A note has at most ${NOTE_MAX.toLocaleString('en-GB')} characters.`),
  );

/** `own`: written by the viewer, who may edit and delete it. */
export type Note = { id: NoteId; text: string; at: Date; editedAt: Date | null; by: string | null; own: boolean };
