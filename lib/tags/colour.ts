// The colours of tags. app/globals.css defines how each looks; a test compares the two.
import { z } from 'zod';

export const TAG_COLOURS = [
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'sky',
  'blue',
  'purple',
  'pink',
  'brown',
] as const;
export type TagColour = (typeof TAG_COLOURS)[number];

/** A colour, or null for none. */
export const TagColourSchema = z
  .enum(TAG_COLOURS, { error: `The colour must be one of: ${TAG_COLOURS.join(', ')}.` })
  .nullable();
