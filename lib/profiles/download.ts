// Files of any size that are read while they are downloaded. Each holds a connection for as long as its reader reads, so there
// are only so many at once.
import { refuse } from '@/lib/access/refusal';
import { readThrough } from '@/lib/db/cursor';
import type { Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';

const AT_ONCE = 4;
let running = 0;

/** Refuses where as many are read as can be. To be asked before a download begins. */
export function requireRoom(): void {
  if (running < AT_ONCE) return;
  refuse('too_many_requests', 'Several files are being downloaded. Try again when one of them has ended.');
}

/** The lines of a CSV file of what a select finds, its titles first. `signal`: the reader has left. Refuses a fifth at once. */
export async function* csvOf<Row extends unknown[]>(
  titles: readonly string[],
  select: Sql,
  cells: (row: Row) => readonly (string | null)[],
  signal?: AbortSignal,
): AsyncGenerator<string> {
  requireRoom();
  running += 1;
  try {
    let first = true;
    for await (const page of readThrough<Row>(select, signal)) {
      yield `${first ? csvLine(titles) : ''}${page.map((row) => csvLine(cells(row))).join('')}`;
      first = false;
    }
  } finally {
    running -= 1;
  }
}
