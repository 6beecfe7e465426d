// Text of several lines that people write about something: descriptions and notes.
import { z } from 'zod';
import { withoutHidden } from './canonical';

/**
 * A text of at most `most` characters, with `\n` between lines, without white space around it and without invisible characters
 * that change nothing or reverse the direction of what follows. Joiners within emoji stay.
 */
export function proseSchema(most: number, tooLong = `Use at most ${most.toLocaleString('en-GB')} characters.`) {
  return z
    .string()
    .max(most * 2, { error: tooLong, abort: true })
    .overwrite((text) => withoutHidden(text.replace(/\r\n?/g, '\n')))
    .trim()
    .max(most, tooLong);
}

/** A description, or an owner note. */
export const DescriptionSchema = proseSchema(1_000);
