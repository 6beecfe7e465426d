// What runs in the background of a section, what of a person's own work has ended without an announcement, which connections
// need an Admin, and which messages wait for the person.
import { mayAct } from '@/lib/access/policy';
import type { UserActor } from '@/lib/access/actor';
import { readBuilding } from '@/lib/attributes/value-index';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { listTroubles } from '@/lib/integrations/trouble';
import { messageNotices } from '@/lib/messages/approval';
import { kindNamed } from '@/lib/work/kind';
import { readOpenOperations, type OpenOperation } from '@/lib/work/queries';
import { OPERATION_KINDS } from './kinds';
import type { BackgroundWork, EndedWork, RunningWork } from './schema';
import { undoKind } from './undo';
import { allowOf, isEffective } from './queries';
import { countsInWords, isPartial, phaseInWords } from './words';

/** The shell shows no more; Activity has the rest. */
const SHOWN = 50;

/** The work in the section that the person may see, newest first. Builds of indexes are for Admins, as their page is. */
export async function backgroundWork(db: Db, actor: UserActor, sectionId: SectionId): Promise<BackgroundWork> {
  const [operations, building, troubles, messages] = await Promise.all([
    readOpenOperations(db, { sectionId, userId: actor.userId, limit: SHOWN }),
    mayAct(actor, 'admins') ? readBuilding(db, sectionId) : [],
    mayAct(actor, 'admins') ? listTroubles(db, sectionId) : [],
    messageNotices(db, actor, sectionId),
  ]);
  const work: BackgroundWork = { running: [], ended: [], troubles, messages };
  for (const operation of operations) {
    const { path, began } = await placeOf(db, actor, sectionId, operation);
    const { status } = operation;
    const may = mayAct(actor, allowOf(operation));
    if (status === 'queued' || status === 'running') work.running.push(runningOf({ ...operation, status, path, may }));
    else work.ended.push(endedOf({ ...operation, status, path, began, may }));
  }
  work.running.push(...building.map(indexBuild));
  return work;
}

/** The page of its result or, if it has none that the person may see, its page in Activity. */
async function placeOf(
  db: Db,
  actor: UserActor,
  sectionId: SectionId,
  { id, kind }: { id: OperationId; kind: string },
): Promise<Pick<EndedWork, 'path' | 'began'>> {
  const page = await kindNamed(OPERATION_KINDS, kind).page?.(db, { sectionId, id });
  const path = page && (!page.allow || mayAct(actor, page.allow)) ? page.path : `/activity/${id}`;
  return { path, began: page?.began?.toISOString() ?? null };
}

function runningOf({
  id,
  kind,
  phase,
  may,
  ...operation
}: OpenOperation & Pick<RunningWork, 'status' | 'path'> & { may: boolean }): RunningWork {
  const { words, cancellable } = kindNamed(OPERATION_KINDS, kind);
  const { summary, status, progress, total, attempts, userName, path } = operation;
  return {
    key: `operation-${id}`,
    ...{ summary, status, progress, total, attempts, userName, path },
    phaseInWords: phaseInWords(words, phase),
    stoppable: cancellable && may ? id : null,
  };
}

function endedOf({
  kind,
  may,
  ...operation
}: OpenOperation & Pick<EndedWork, 'status' | 'path' | 'began'> & { may: boolean }): EndedWork {
  const { words, undoable } = kindNamed(OPERATION_KINDS, kind);
  const { id, summary, status, error, counts, undoneBy, path, began } = operation;
  const { left = [] } = words;
  // What was left undone is no change.
  const changed = Object.entries(counts).some(([key, count]) => count > 0 && !left.includes(key));
  return {
    ...{ id, summary, status, error, path, began },
    done: words.done ?? 'Done.',
    countsInWords: countsInWords(words, counts),
    partial: isPartial(words, counts),
    isUndo: kind === undoKind.kind,
    undoable: undoable && may && isEffective(operation) && undoneBy === null && changed,
  };
}

const indexBuild = ({ attributeId, name }: Awaited<ReturnType<typeof readBuilding>>[number]): RunningWork => ({
  key: `index-${attributeId}`,
  summary: `Make “${name}” fast in segments`,
  status: 'running',
  progress: 0,
  total: null,
  phaseInWords: 'Building the index',
  attempts: 0,
  userName: null,
  stoppable: null,
  path: '/settings/data-model/attributes',
});
