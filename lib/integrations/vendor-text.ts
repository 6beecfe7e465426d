// What a CRM says in an answer that reports an error. Vendors write it in different places; some do not publish where.

/**
 * The vendor's words in an answer's body, in one line, or '' if there are none for a person, as in a web page. They may be long and
 * hold secrets: `Http.clean` takes these out first, then the text may be cut.
 */
export function vendorText(body: string): string {
  const text = body.trim();
  if (text.startsWith('<')) return '';
  try {
    return inOneLine(wordsIn(JSON.parse(text)));
  } catch {
    return inOneLine(text);
  }
}

/** The vendor's words at the end of a sentence of ours, with one full stop. */
export const quoted = (words: string): string => (/[.!?…]$/.test(words) ? `“${words}”` : `“${words}”.`);

const NAMES = [
  'error_description',
  'ErrorDescription',
  'message',
  'Message',
  'errorstring',
  'detail',
  'title',
  'error',
  'errors',
  '#error',
];

function wordsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(wordsIn).find((words) => words !== '') ?? '';
  if (typeof value !== 'object' || value === null) return '';
  const entries = value as Record<string, unknown>;
  return NAMES.map((name) => wordsIn(entries[name])).find((words) => words !== '') ?? '';
}

const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
