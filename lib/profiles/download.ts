// Files of any size that are streamed during the download. Each holds a connection until its reader is done, so their
// number is limited.
import { actorKey, type Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { DOWNLOADS } from '@/lib/config/limits';
import { withIdleTimeout, type IdleTimeout } from '@/lib/db/idle-timeout';
import { readThrough } from '@/lib/db/cursor';
import type { Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';

/** Characters. Short, so that even a reader on a slow connection requests the next piece soon. */
const PIECE = 64_000;

const shared = globalThis as typeof globalThis & { tagwellDownloads?: Map<symbol, string> };
/** The running downloads and their actors. Shared like the pool: a process may load several copies of this file. */
const running = (shared.tagwellDownloads ??= new Map<symbol, string>());

/** Refuses if the actor or the process has reached its limit of downloads. Call it before a download starts. */
export function requireDownloadSlot(actor: Actor): void {
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

/** Who downloads, and how long the reader may stall. */
export type Download = IdleTimeout & { actor: Actor };

/**
 * The lines of a CSV file with the result of a select, titles first. Ends if the reader disconnects or stalls (see
 * `withIdleTimeout`). Refuses as `requireDownloadSlot` does.
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
  requireDownloadSlot(actor);
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
