// What counts as no value.
import { withoutInvisible } from '@/lib/text/canonical';

/** Whether a text shows nothing: white space and invisible characters only. As a value it clears what was there. */
export const isBlank = (text: string): boolean => !VISIBLE.test(text) && withoutInvisible(text).trim() === '';

/** Asked for each cell of a file: nearly all have one of these. */
const VISIBLE = /[!-~]/;
