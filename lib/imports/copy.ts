// Staging rows in COPY's text format.
import { copyLine } from '@/lib/db/copy-line';
import type { ReadRow } from './rows';

/** One line of COPY for import_row: the row's position and cells, then the wanted change. */
export function rowLine(
  [sectionId, importId, row, line, cells]: [number, number, number, number, string[]],
  wanted: ReadRow,
): string {
  return copyLine([
    sectionId,
    importId,
    row,
    line,
    cells,
    wanted.key,
    JSON.stringify(wanted.attributes),
    JSON.stringify(wanted.otherKeys),
    wanted.apply,
    wanted.remove,
    wanted.reason,
  ]);
}
