// What pages read about connections, their lists and runs.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { ConnectionIdSchema, ConnectionListIdSchema, inAddress, SyncRunIdSchema } from '@/lib/db/ids';
import { flappingContacts } from './flapping';
import { findHook, hookView } from './hook';
import { availableFields, availableLists } from './live';
import { findRun, openConnection } from './queries';
import { CHANGE_GROUPS, CONTACT_GROUPS, peopleOfRun } from './run-people';
import { listRunLines } from './run-lines';
import { valuesOfRun } from './run-values';
import { RUN_FILTERS } from './schema';
import { listTroubles } from './trouble';
import { unusedLists } from './unused';
import { getRun, listRuns, listsOfRun, openRuns } from './run-views';
import { getConnection, listConnections } from './views';

const InConnection = InSection.extend({ connectionId: inAddress(ConnectionIdSchema) });
const InRun = InSection.extend({ runId: inAddress(SyncRunIdSchema) });

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

/**
 * A connection, its lists, and a page of its runs, newest first; `before`: only runs older than this one. `open`: those that are under
 * way or wait for somebody.
 */
export const readConnectionPage = query({
  name: 'integrations.read',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ before: SyncRunIdSchema.optional(), limit: z.int().positive().max(1_000) }),
  run: async ({ db }, { sectionId, connectionId, before, limit }) => {
    const connection = connectionId === null ? undefined : await getConnection(db, sectionId, connectionId);
    if (!connection) return noConnection();
    return {
      connection,
      open: await openRuns(db, sectionId, connection.id),
      runs: await listRuns(db, sectionId, connection.id, { before, limit }),
    };
  },
});

/** What the syncs of a connection have shown: people who come and go (at most `limit`), and lists that nobody uses. */
export const readAdvice = query({
  name: 'integrations.read-advice',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ limit: z.int().positive().max(1_000) }),
  run: async ({ db }, { sectionId, connectionId, limit }) => {
    if (connectionId === null) return noConnection();
    return {
      flapping: await flappingContacts(db, { sectionId, connectionId, limit }),
      unused: await unusedLists(db, { sectionId, connectionId }),
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

/** A run with its lists. */
export const readSyncRun = query({
  name: 'integrations.read-run',
  scope: 'section',
  allow: 'admins',
  input: InRun,
  run: async ({ db }, { sectionId, runId }) => {
    const run = runId === null ? undefined : await getRun(db, sectionId, runId);
    if (!run) return refuse('not_found', 'This sync does not exist in this section.');
    return { run, lists: await listsOfRun(db, sectionId, run.id) };
  },
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
