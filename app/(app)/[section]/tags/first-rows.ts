/** Rows of the tags table that come with the page; the browser fetches the rest. */
export const FIRST_ROWS = 100;
