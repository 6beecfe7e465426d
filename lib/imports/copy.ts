// Staging rows in COPY's text format.
import type { ReadRow } from './rows';

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of COPY for import_row: the row's position and cells, then the wanted change. */
export function copyLine(
  [sectionId, importId, row, line, cells]: [number, number, number, number, string[]],
  wanted: ReadRow,
): string {
  const fields = [
    sectionId,
    importId,
    row,
    line,
    arrayLiteral(cells),
    wanted.key,
    JSON.stringify(wanted.attributes),
    JSON.stringify(wanted.otherKeys),
    arrayLiteral(wanted.apply),
    arrayLiteral(wanted.remove),
    wanted.reason,
  ];
  return `${fields.map(field).join('\t')}\n`;
}

function field(value: string | number | null): string {
  if (value === null) return '\\N';
  return typeof value === 'number' ? String(value) : value.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
