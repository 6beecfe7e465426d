// How statuses and counts of connections, lists and runs are called.
import type { Tone } from '@/components/ui/display';
import type { SectionId } from '@/lib/db/ids';
import type {
  ConnectionStatus,
  DryRunReason,
  ListStatus,
  SyncListStatus,
  SyncStatus,
  Trouble,
} from '@/lib/integrations/schema';
import type { ListTotals, ListView } from '@/lib/integrations/list-views';
import type { PeopleGroup } from '@/lib/integrations/run-people';
import type { RunListView, RunHead } from '@/lib/integrations/run-views';

export type SectionRef = { id: SectionId; slug: string };

/** Lists of a page. */
export const LISTS_SHOWN = 50;

type Words = { label: string; tone?: Tone };

const CONNECTION_WORDS: Record<ConnectionStatus, Words> = {
  active: { label: 'Active', tone: 'success' },
  paused: { label: 'Paused' },
  waiting: { label: 'Needs attention', tone: 'warning' },
  removed: { label: 'Removed' },
};

/** What the state of a connection is made of. */
export type Standing = {
  status: ConnectionStatus;
  attention: string | null;
  trouble: Trouble | null;
  nextSyncAt: string | null;
  undone: boolean;
  lists: ListTotals;
};

/** No list of the connection may be synced before somebody has looked at a dry run. */
const waitsForDryRun = ({ lists }: Standing): boolean => lists.fresh > 0 && lists.ready === 0;

/** A sync was undone, so the schedule does not start the next one. */
const waitsAfterUndo = ({ status, undone, nextSyncAt }: Standing): boolean =>
  undone && (status === 'waiting' || nextSyncAt !== null);

/** A connection whose question waits goes on, but somebody should look at it. */
export function connectionWords(connection: Standing): Words {
  const { status, attention, trouble } = connection;
  if (trouble?.kind === 'failing') return { label: 'Failing', tone: 'danger' };
  if (waitsAfterUndo(connection)) return { label: 'Waits after an undo', tone: 'warning' };
  if (status !== 'active') return CONNECTION_WORDS[status];
  if (attention !== null || trouble !== null) return CONNECTION_WORDS.waiting;
  if (waitsForDryRun(connection)) return { label: 'Waits for a dry run', tone: 'warning' };
  return connection.lists.troubled > 0 ? { label: 'Lists need a look', tone: 'warning' } : CONNECTION_WORDS.active;
}

/** When the schedule syncs a connection next: the time, or why it does not. */
export function nextSync(connection: Standing): { at: string } | { none: string } {
  const { status, nextSyncAt } = connection;
  if (waitsAfterUndo(connection)) return { none: 'after a dry run or a sync that you start' };
  if (status !== 'active') return { none: NO_SYNC_WORDS[status] };
  if (waitsForDryRun(connection)) return { none: 'after a dry run' };
  return nextSyncAt === null ? { none: NO_SYNC_WORDS.active } : { at: nextSyncAt };
}

/** Why a connection has no next sync. */
const NO_SYNC_WORDS: Record<ConnectionStatus, string> = {
  active: 'only by hand',
  paused: 'none while it is paused',
  waiting: 'none until this is settled',
  removed: 'none',
};

/** What has changed since a list was synced, so that it needs a dry run again. */
export const DRY_RUN_WORDS: Record<DryRunReason, string> = {
  matching: 'Somebody has changed how people are found since it was synced.',
  settings: 'Somebody has changed the settings of the connection since it was synced.',
  list: 'The tag was linked to this list after it was synced.',
  tag: 'Its tag is another one than when it was synced.',
  user: 'Another user reads the CRM than when it was synced.',
};

export const RUN_WORDS: Record<SyncStatus, Words> = {
  reading: { label: 'Reading the CRM', tone: 'info' },
  comparing: { label: 'Comparing', tone: 'info' },
  planned: { label: 'Ready to look at', tone: 'info' },
  applying: { label: 'Changing tags', tone: 'info' },
  held: { label: 'Waits for your answer', tone: 'warning' },
  done: { label: 'Done', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
  cancelled: { label: 'Cancelled' },
  superseded: { label: 'Replaced by a later one' },
};

/** What the next syncs do with the tag of a list that they follow. */
export const followsInWords = ({ status }: Standing, { addOnly }: Pick<ListView, 'addOnly'>): string => {
  const each = status === 'paused' ? 'A sync that somebody starts' : 'Each sync';
  const does = addOnly ? 'adds the tag, and takes it off nobody' : 'makes the tag follow the list';
  return `${status === 'paused' ? 'The connection is paused. ' : ''}${each} ${does}.`;
};

/** What the status of a list means for its tag. Of one that syncs follow, see `followsInWords`. */
export const LIST_WORDS: Record<ListStatus, Words & { meaning: string }> = {
  active: { label: 'Kept', tone: 'success', meaning: '' },
  paused: { label: 'Paused', meaning: 'Syncs leave the tag as it is.' },
  inactive: { label: 'Switched off in the CRM', tone: 'warning', meaning: 'The tag stays as it is.' },
  missing: {
    label: 'Not found',
    tone: 'warning',
    meaning:
      'The tag stays as it is. If the list was deleted, a sync that starts ten minutes later or more says so; if it comes back, it is followed again.',
  },
  gone: { label: 'Deleted in the CRM', tone: 'warning', meaning: 'The tag is no longer kept, and stays as it is.' },
  left: { label: 'No longer kept', meaning: 'The tag is an ordinary one.' },
};

const RUN_LIST_WORDS: Record<SyncListStatus, Words> = {
  waiting: { label: 'Waiting', tone: 'info' },
  read: { label: 'Read', tone: 'info' },
  frozen: { label: 'Left as it is', tone: 'warning' },
  failed: { label: 'Failed', tone: 'danger' },
  held: { label: 'Removals wait', tone: 'warning' },
  done: { label: 'Done', tone: 'success' },
};

const CAUSES: Record<string, string> = {
  schedule: 'by the schedule',
  webhook: 'because the CRM reported a change',
  api: 'through the API',
  changes: 'by the schedule, for changed contacts only',
};

/** Who or what started a run: 'by Ada Byron'. */
export const startedInWords = ({ startedBy, cause }: Pick<RunHead, 'startedBy' | 'cause'>): string =>
  startedBy === null ? (CAUSES[cause] ?? 'by hand') : `by ${startedBy}`;

export const isUnderWay = ({ status }: Pick<RunHead, 'status'>): boolean =>
  status === 'reading' || status === 'comparing' || status === 'applying';

/** What the status of a list in a run is called. A run that ended before it came to a list has not read it. */
export const runListWords = (run: Pick<RunHead, 'status'>, status: SyncListStatus): Words =>
  status === 'waiting' && !isUnderWay(run) ? { label: 'Not read' } : RUN_LIST_WORDS[status];

/** Groups of people, in the order in which they are shown. `one`, `many`: after their number. `explains`: what happens to them. */
export const GROUPS: Record<PeopleGroup, { one: string; many: string; explains: string }> = {
  adds: {
    one: 'gets the tag',
    many: 'get the tag',
    explains: 'They are on the list, and did not have its tag through it before.',
  },
  removes: {
    one: 'loses the tag',
    many: 'lose the tag',
    explains: 'They have left the list, and nothing else holds the tag.',
  },
  joins: {
    one: 'had the tag already',
    many: 'had the tag already',
    explains:
      'They have come to the list, and have its tag from elsewhere too. If that ends, the list keeps the tag on them.',
  },
  leaves: {
    one: 'leaves the list, keeps the tag',
    many: 'leave the list, keep the tag',
    explains: 'They have the tag from elsewhere too: set here, or by another list.',
  },
  left: {
    one: 'left as is',
    many: 'left as they are',
    explains: 'Somebody answered so, the list was let go in the meantime, or they had lost the tag already.',
  },
  create: {
    one: 'new profile with the tag',
    many: 'new profiles with the tag',
    explains:
      'Nobody here matches them: a profile is created for each, with the tag. Contacts of one address are one person.',
  },
  unmatched: {
    one: 'not found',
    many: 'not found',
    explains:
      'Nobody here matches them. They are left out; the settings of the connection can create profiles for them.',
  },
  ambiguous: {
    one: 'ambiguous',
    many: 'ambiguous',
    explains: 'Several profiles match. They are left out until only one does: merge the profiles, or correct them.',
  },
  noAddress: {
    one: 'without email, mobile or CRM ID',
    many: 'without email, mobile or CRM ID',
    explains: 'The CRM has nothing that they could be found by.',
  },
  inactive: {
    one: 'inactive',
    many: 'inactive',
    explains: 'They are switched off in the CRM, or were merged into another contact.',
  },
  refused: {
    one: 'not permitted',
    many: 'not permitted',
    explains: 'Allowed Operations do not let this connection write the tag.',
  },
};

/** What is said of a group whose change has been made. */
const DONE: Partial<Record<PeopleGroup, string>> = {
  adds: 'got the tag',
  removes: 'lost the tag',
  leaves: 'left the list, kept the tag',
};

/** '1 gets the tag', '12 get the tag'; if it is `done`: '12 got the tag'. */
export const groupInWords = (group: PeopleGroup, count: number, done: boolean): string =>
  `${number(count)} ${(done ? DONE[group] : undefined) ?? (count === 1 ? GROUPS[group].one : GROUPS[group].many)}`;

/** How many people of a list are in a group. */
export const countOf = ({ counts, changes }: Pick<RunListView, 'counts' | 'changes'>, group: PeopleGroup): number =>
  ({ ...counts, ...changes, create: counts.newPeople })[group];

export const number = (count: number): string => count.toLocaleString('en-GB');

export const people = (count: number): string => (count === 1 ? '1 person' : `${number(count)} people`);

/** '2 min 5 s', '1 h 10 min', or null while it runs. Without the time for which it waited for a person. */
export function durationInWords(run: Pick<RunHead, 'createdAt' | 'finishedAt' | 'waitedSeconds'>): string | null {
  const { createdAt, finishedAt, waitedSeconds } = run;
  if (finishedAt === null) return null;
  const passed = (Date.parse(finishedAt) - Date.parse(createdAt)) / 1_000;
  const seconds = Math.max(1, Math.round(passed - waitedSeconds));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
