// Files of any size that are read while they are downloaded. Each holds a connection for as long as its reader reads, so there
// are only so many at once.
import { refuse } from '@/lib/access/refusal';
import { attended, type Attendance } from '@/lib/db/attended';
import { readThrough } from '@/lib/db/cursor';
import type { Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';

const AT_ONCE = 4;

/** Characters. Short, so that a reader on a slow line, too, asks for the next piece soon. */
const PIECE = 64_000;

/** How many go on. Shared like the pool: there are several copies of this file in a process. */
const shared = globalThis as typeof globalThis & { tagwellDownloads?: number };
const count = (more: 1 | -1) => {
  shared.tagwellDownloads = (shared.tagwellDownloads ?? 0) + more;
};

/** Refuses where as many are read as can be. To be asked before a download begins. */
export function requireRoom(): void {
  if ((shared.tagwellDownloads ?? 0) < AT_ONCE) return;
  refuse('too_many_requests', 'Several files are being downloaded. Try again when one of them has ended.');
}

/**
 * The lines of a CSV file of what a select finds, its titles first. Ended where the reader leaves or stands still (see
 * `attended`). Refuses a fifth at once.
 */
export function csvOf<Row extends unknown[]>(
  titles: readonly string[],
  select: Sql,
  cells: (row: Row) => readonly (string | null)[],
  attendance: Attendance = {},
): AsyncGenerator<string> {
  const pages = readThrough<Row>(select, attendance.signal);
  return attended(
    inPieces(titles, pages, (row) => csvLine(cells(row))),
    attendance,
  );
}

async function* inPieces<Row>(
  titles: readonly string[],
  pages: AsyncGenerator<Row[]>,
  line: (row: Row) => string,
): AsyncGenerator<string> {
  requireRoom();
  count(1);
  try {
    let piece = csvLine(titles);
    for await (const page of pages) {
      for (const row of page) {
        piece += line(row);
        if (piece.length < PIECE) continue;
        yield piece;
        piece = '';
      }
      if (piece !== '') yield piece;
      piece = '';
    }
  } finally {
    count(-1);
  }
}
