/**
 * The beginning of a text, of at most `length` UTF-16 units. An emoji at its end is left out, not cut in two: the database cannot
 * store half of one.
 */
export const shortened = (text: string, length: number): string =>
  text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
