// Files of any size that are read while they are downloaded. Each holds a connection for as long as its reader reads, so there
// are only so many at once.
import { actorKey, type Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { DOWNLOADS } from '@/lib/config/limits';
import { withIdleTimeout, type IdleTimeout } from '@/lib/db/idle-timeout';
import { readThrough } from '@/lib/db/cursor';
import type { Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';

/** Characters. Short, so that a reader on a slow line, too, asks for the next piece soon. */
const PIECE = 64_000;

const shared = globalThis as typeof globalThis & { tagwellDownloads?: Map<symbol, string> };
/** Whose downloads go on. Shared like the pool: there are several copies of this file in a process. */
const running = (shared.tagwellDownloads ??= new Map<symbol, string>());

/** Refuses if as many are read as can be, by the actor or by all. To be asked before a download begins. */
export function takeDownloadSlot(actor: Actor): void {
  const own = [...running.values()].filter((key) => key === actorKey(actor)).length;
  if (own >= DOWNLOADS.perPerson) {
    refuse(
      'too_many_requests',
      `You are downloading ${DOWNLOADS.perPerson} files already. Try again when one of them has finished.`,
    );
  }
  if (running.size < DOWNLOADS.atOnce) return;
  refuse('too_many_requests', 'Several files are being downloaded. Try again when one of them has finished.');
}

/** Who downloads, and how long they may stand still. */
export type Download = IdleTimeout & { actor: Actor };

/**
 * The lines of a CSV file of what a select finds, its titles first. Ended where the reader leaves or stands still (see
 * `withIdleTimeout`). Refused as by `requireRoom`.
 */
export function csvOf<Row extends unknown[]>(
  titles: readonly string[],
  select: Sql,
  cells: (row: Row) => readonly (string | null)[],
  { actor, idleMs = DOWNLOADS.idleMs, signal }: Download,
): AsyncGenerator<string> {
  const pages = readThrough<Row>(select, signal);
  return withIdleTimeout(
    inPieces(actor, titles, pages, (row) => csvLine(cells(row))),
    { idleMs, signal },
  );
}

async function* inPieces<Row>(
  actor: Actor,
  titles: readonly string[],
  pages: AsyncGenerator<Row[]>,
  line: (row: Row) => string,
): AsyncGenerator<string> {
  takeDownloadSlot(actor);
  const place = Symbol();
  running.set(place, actorKey(actor));
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
    running.delete(place);
  }
}
