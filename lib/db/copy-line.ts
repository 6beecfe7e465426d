// Rows in COPY's text format.

export type CopyValue = string | number | boolean | readonly string[] | null;

const SPECIAL = /[\0\\\n\r\t]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A row as a line. Arrays are of texts. Leaves out NUL, which PostgreSQL cannot store. */
export const copyLine = (values: readonly CopyValue[]): string => `${values.map(field).join('\t')}\n`;

function field(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = typeof value === 'string' ? value : arrayLiteral(value);
  if (!SPECIAL.test(text)) return text;
  return text.replaceAll('\0', '').replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
