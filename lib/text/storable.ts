// Text that the database can store: no NUL, and no half of a character that UTF-16 writes in two (a lone surrogate), which UTF-8 lacks.

/** Whether a text can be stored as it is. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/**
 * The path to the first text in some input that cannot be stored: a value, or the name of a field. Undefined if there is none. Looks
 * into arrays and plain objects; anything else holds no text of a caller.
 */
export function pathToUnstorable(input: unknown): (string | number)[] | undefined {
  if (typeof input === 'string') return isStorable(input) ? undefined : [];
  if (typeof input !== 'object' || input === null) return undefined;
  if (Array.isArray(input)) {
    for (const [index, item] of input.entries()) {
      const path = pathToUnstorable(item);
      if (path) return [index, ...path];
    }
    return undefined;
  }
  if (!isPlain(input)) return undefined;
  for (const [name, value] of Object.entries(input)) {
    if (!isStorable(name)) return [];
    const path = pathToUnstorable(value);
    if (path) return [name, ...path];
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
