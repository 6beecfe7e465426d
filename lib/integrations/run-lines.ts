// The runs of a connection as its page lists them: runs that changed nothing are folded into one line, however many they are.
import type { ConnectionId, SectionId, SyncRunId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { RunFilter } from './schema';
import { listRuns, type RunView } from './run-views';

/**
 * Runs by schedule or webhook in a row that changed nothing. `last`: when the newest of them started, ISO 8601. `before`: the run after
 * them, where a list of each of them begins; null: there is none.
 */
export type QuietRuns = { count: number; last: string; before: SyncRunId | null };

export type RunLine = { kind: 'run'; run: RunView } | ({ kind: 'quiet' } & QuietRuns);

/** A page of lines, newest first. `older`: where the next page begins, or null. */
export type RunLines = { lines: RunLine[]; older: SyncRunId | null };

/** `limit`: runs of a page, besides those that are folded. `before`: only runs older than this one. */
export async function listRunLines(
  db: Db,
  sectionId: SectionId,
  connectionId: ConnectionId,
  { before, limit, show }: { before?: SyncRunId; limit: number; show: RunFilter },
): Promise<RunLines> {
  const found = await listRuns(db, sectionId, connectionId, { before, limit: limit + 1, show });
  const shown = found.slice(0, limit);
  const older = found.length > limit ? shown.at(-1)!.id : null;
  if (show !== 'folded') return { lines: shown.map((run) => ({ kind: 'run', run })), older };
  const quiet = await quietBetween(db, sectionId, connectionId, {
    before,
    after: older,
    ids: shown.map(({ id }) => id),
  });
  const lines = shown.flatMap((run, index): RunLine[] => {
    const newer = quiet.get(shown.length - index);
    const above = shown[index - 1]?.id ?? before ?? null;
    return [...(newer ? [{ kind: 'quiet' as const, ...newer, before: above }] : []), { kind: 'run', run }];
  });
  const oldest = quiet.get(0);
  const above = shown.at(-1)?.id ?? before ?? null;
  return { lines: oldest ? [...lines, { kind: 'quiet', ...oldest, before: above }] : lines, older };
}

/** Counts the folded runs between those of a page, by how many of the page's runs are older. `after`: only newer ones. */
async function quietBetween(
  db: Db,
  sectionId: SectionId,
  connectionId: ConnectionId,
  { before, after, ids }: { before?: SyncRunId; after: SyncRunId | null; ids: readonly SyncRunId[] },
): Promise<Map<number, Omit<QuietRuns, 'before'>>> {
  const ascending = [...ids].reverse();
  const found = await rows<{ place: number; count: number; last: Date }>(
    db,
    sql`
      select width_bucket(run.id, ${ascending}::int[]) as place, count(*) as count, max(run.created_at) as last
      from sync_run run
      where run.section_id = ${sectionId} and run.connection_id = ${connectionId} and run.quiet
        ${before === undefined ? sql`` : sql`and run.id < ${before}`}
        ${after === null ? sql`` : sql`and run.id > ${after}`}
      group by place`,
  );
  return new Map(found.map(({ place, count, last }) => [place, { count, last: last.toISOString() }]));
}
