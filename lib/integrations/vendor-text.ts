// What a CRM says in an answer that reports an error. Vendors write it in different places; some do not publish where.

/** Characters. */
const LONGEST = 300;

/** The vendor's words in an answer's body, or '' if there are none for a person, as in a web page. */
export function vendorText(body: string): string {
  const text = body.trim();
  if (text.startsWith('<')) return '';
  try {
    return cut(wordsIn(JSON.parse(text)));
  } catch {
    return cut(text);
  }
}

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

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
