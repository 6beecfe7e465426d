// Text that the database can store: no NUL, and no half of a character that UTF-16 writes in two (a lone surrogate), which UTF-8 lacks.

/** Whether a text can be stored as it is. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** A text without what cannot be stored: NUL is left out, a lone surrogate becomes U+FFFD. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** How JSON may write what cannot be stored. Also matches whole emojis that are written as escapes. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/** Parses JSON; its values, not its names, are storable. Throws like `JSON.parse`. */
export function parseStorable(json: string): unknown {
  const text = storable(json);
  if (!ESCAPED.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

/** An array or object of some input, and where it is. */
type Visited = { value: object; name?: string; within?: Visited };

/**
 * The path to a text in some input that cannot be stored: to a value, or to the object with a field of such a name. Undefined if
 * there is none. Looks into arrays and plain objects, however deep; anything else holds no text of a caller.
 */
export function pathToUnstorable(input: unknown): string[] | undefined {
  if (typeof input === 'string') return isStorable(input) ? undefined : [];
  if (!isContainer(input)) return undefined;
  const places: Visited[] = [{ value: input }];
  for (const place of places) {
    const named = !Array.isArray(place.value);
    for (const [name, value] of Object.entries(place.value) as [string, unknown][]) {
      if (named && !isStorable(name)) return pathOf(place);
      if (typeof value === 'string' && !isStorable(value)) return [...pathOf(place), name];
      if (isContainer(value)) places.push({ value, name, within: place });
    }
  }
  return undefined;
}

function pathOf(place: Visited): string[] {
  const path: string[] = [];
  for (let at: Visited | undefined = place; at; at = at.within) if (at.name !== undefined) path.push(at.name);
  return path.toReversed();
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
