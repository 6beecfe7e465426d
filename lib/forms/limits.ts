// How long answers may be. Imports no server code, so that the builder can use it.
import type { Input } from './schema';

/** Characters of a text of one line, and of several. */
export const TEXT_MAX = 2_000;
export const LINES_MAX = 10_000;

/** Characters of an answer to a question. A value of a person has no more than a line. */
export const textMaxOf = ({ type, attributeId }: Pick<Input, 'type' | 'attributeId'>): number =>
  type === 'lines' && attributeId === null ? LINES_MAX : TEXT_MAX;
