// What pages read about connections, their lists and runs.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { ConnectionIdSchema, ConnectionListIdSchema, inAddress, SyncRunIdSchema, TagIdSchema } from '@/lib/db/ids';
import { entriesOfRun } from './entries';
import { flappingContacts } from './flapping';
import { findHook, hookView } from './hook';
import { keepersOf } from './kept-by';
import { availableFields, availableLists } from './live';
import { findRun, openConnection } from './queries';
import { CHANGE_GROUPS, CONTACT_GROUPS, peopleOfRun } from './run-people';
import { listRunLines } from './run-lines';
import { valuesOfRun } from './run-values';
import { LIST_FILTERS, RUN_FILTERS, RUN_LIST_FILTERS } from './schema';
import { listTroubles } from './trouble';
import { unusedLists } from './unused';
import { listsNow, listsOfConnection } from './list-views';
import { getRunHead, listsOfRun, openRuns, progressOfRun, runningSync } from './run-views';
import { getConnection, listConnections } from './views';

const InConnection = InSection.extend({ connectionId: inAddress(ConnectionIdSchema) });
const InRun = InSection.extend({ runId: inAddress(SyncRunIdSchema) });

/** Lists of one page at most. */
const LISTS_AT_ONCE = 1_000;

/** `search`: words of the list's name or its tag's. */
const PageOfLists = {
  search: z.string().trim().max(200).optional(),
  offset: z.int().nonnegative().default(0),
  limit: z.int().positive().max(LISTS_AT_ONCE),
};

/** For so long nobody is expected to use a new list’s tag, in milliseconds. */
const UNUSED_MS = 30 * 86_400_000;

const noConnection = () => refuse('not_found', 'This connection does not exist, or it has been removed.');

/** The connections of the section, by name. */
export const readConnections = query({
  name: 'integrations.list',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => listConnections(db, sectionId),
});

/** The connections of the section that need a person, by name. */
export const readTroubles = query({
  name: 'integrations.list-troubles',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => listTroubles(db, sectionId),
});

/** A connection, and its runs that are under way or wait for somebody. */
export const readConnectionPage = query({
  name: 'integrations.read',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: async ({ db }, { sectionId, connectionId }) => {
    const connection = connectionId === null ? undefined : await getConnection(db, sectionId, connectionId);
    if (!connection) return noConnection();
    return { connection, open: await openRuns(db, sectionId, connection.id) };
  },
});

/** The lists that keep a tag, with the keyspaces by which they write it. */
export const readKeepers = query({
  name: 'integrations.list-keepers',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ tagId: TagIdSchema }),
  run: ({ db }, { sectionId, tagId }) => keepersOf(db, sectionId, tagId),
});

/** A page of the lists that a connection keeps, by name, and how many there are. `listId`: only this one. */
export const readLists = query({
  name: 'integrations.list-lists',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({
    ...PageOfLists,
    listId: ConnectionListIdSchema.optional(),
    show: z.enum(LIST_FILTERS).default('all'),
  }),
  run: ({ db }, { sectionId, connectionId, ...page }) =>
    connectionId === null ? noConnection() : listsOfConnection(db, sectionId, connectionId, page),
});

/** The run of a connection that is under way, and what it may have changed in some lists. */
export const readRunningSync = query({
  name: 'integrations.read-running',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ listIds: z.array(ConnectionListIdSchema).max(LISTS_AT_ONCE) }),
  run: async ({ db }, { sectionId, connectionId, listIds }) => {
    if (connectionId === null) return noConnection();
    return {
      running: await runningSync(db, sectionId, connectionId),
      lists: await listsNow(db, sectionId, { connectionId, ids: listIds }),
    };
  },
});

/** What the syncs of a connection have shown: people who come and go, and lists that nobody uses; at most `limit` of each, with the
 * number of such lists. */
export const readAdvice = query({
  name: 'integrations.read-advice',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ limit: z.int().positive().max(1_000) }),
  run: async ({ db }, { sectionId, connectionId, limit }) => {
    if (connectionId === null) return noConnection();
    return {
      flapping: await flappingContacts(db, { sectionId, connectionId, limit }),
      unused: await unusedLists(db, { sectionId, connectionId, limit, chosenBefore: new Date(Date.now() - UNUSED_MS) }),
    };
  },
});

/** A page of a connection's runs, newest first; `before`: only runs older than this one. */
export const readRunLines = query({
  name: 'integrations.list-runs',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({
    before: SyncRunIdSchema.optional(),
    limit: z.int().positive().max(1_000),
    show: z.enum(RUN_FILTERS).default('folded'),
  }),
  run: ({ db }, { sectionId, connectionId, ...page }) =>
    connectionId === null ? noConnection() : listRunLines(db, sectionId, connectionId, page),
});

/** The lists that the CRM has now. Asks the CRM: refuses with `unavailable` and its reason. */
export const readAvailableLists = query({
  name: 'integrations.list-available',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: ({ db, signal }, { sectionId, connectionId }) =>
    connectionId === null ? noConnection() : availableLists(db, { sectionId, connectionId, signal }),
});

/** The fields of contacts that the CRM has now. Asks the CRM: refuses with `unavailable` and its reason. */
export const readAvailableFields = query({
  name: 'integrations.list-fields',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: ({ db, signal }, { sectionId, connectionId }) =>
    connectionId === null ? noConnection() : availableFields(db, { sectionId, connectionId, signal }),
});

/** A run, and how far it has come. */
export const readSyncRun = query({
  name: 'integrations.read-run',
  scope: 'section',
  allow: 'admins',
  input: InRun,
  run: async ({ db }, { sectionId, runId }) => {
    const run = runId === null ? undefined : await getRunHead(db, sectionId, runId);
    if (!run) return refuse('not_found', 'This sync does not exist in this section.');
    return { run, progress: await progressOfRun(db, sectionId, run.id) };
  },
});

/** A page of the lists of a run, and how many there are: those that wait for an answer first. */
export const readRunLists = query({
  name: 'integrations.list-run-lists',
  scope: 'section',
  allow: 'admins',
  input: InRun.extend({ ...PageOfLists, show: z.enum(RUN_LIST_FILTERS).default('all') }),
  run: ({ db }, { sectionId, runId, ...page }) =>
    runId === null ? Promise.resolve({ lists: [], total: 0 }) : listsOfRun(db, sectionId, runId, page),
});

/** The values of profiles that a dry run would change, by attribute; none once it has been applied or replaced. */
export const readRunValues = query({
  name: 'integrations.read-run-values',
  scope: 'section',
  allow: 'admins',
  timeLimit: 'slow',
  input: InRun,
  run: async ({ db }, { sectionId, runId }) => {
    const run = runId === null ? undefined : await findRun(db, sectionId, runId);
    return run?.status === 'planned' ? valuesOfRun(db, sectionId, run.id) : [];
  },
});

/** Into which flows how many would come by what a dry run has planned; none once it has been applied or replaced. */
export const readRunEntries = query({
  name: 'integrations.count-run-entries',
  scope: 'section',
  allow: 'admins',
  timeLimit: 'slow',
  input: InRun,
  run: async ({ db }, { sectionId, runId }) => {
    const run = runId === null ? undefined : await findRun(db, sectionId, runId);
    return run?.status === 'planned' ? entriesOfRun(db, sectionId, run.id) : [];
  },
});

/** A page of a group of people of a list in a run; `after`: the place of the last person before. */
export const readRunPeople = query({
  name: 'integrations.read-run-people',
  scope: 'section',
  allow: 'admins',
  input: InRun.extend({
    listId: ConnectionListIdSchema,
    group: z.enum([...CHANGE_GROUPS, ...CONTACT_GROUPS]),
    after: z.string().max(500).optional(),
    limit: z.int().positive().max(5_000),
  }),
  run: ({ db }, { sectionId, runId, group, ...page }) =>
    runId === null ? Promise.resolve([]) : peopleOfRun(db, sectionId, group, { runId, ...page }),
});

/** How the CRM of a connection announces changes, with what a person enters there. `origin`: see `hookView`. */
export const readHook = query({
  name: 'integrations.read-hook',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ origin: z.url() }),
  run: async ({ db }, { sectionId, connectionId, origin }) => {
    const connection = connectionId === null ? undefined : await openConnection(db, sectionId, connectionId);
    if (!connection) return noConnection();
    return hookView(connection, await findHook(db, { sectionId, connectionId: connection.id }), origin);
  },
});
