// How long answers may be. Imports nothing, so that the builder can use it.

/** Characters of a text of one line, and of several. */
export const TEXT_MAX = 2_000;
export const LINES_MAX = 10_000;
