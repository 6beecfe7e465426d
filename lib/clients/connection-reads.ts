// Reads of connections to CRMs for API clients.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ConnectionIdSchema, ConnectionListIdSchema, inAddress, KeyspaceIdSchema, SyncRunIdSchema } from '@/lib/db/ids';
import { CHANGE_GROUPS, CONTACT_GROUPS } from '@/lib/integrations/run-people';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { clientOf } from './client';
import {
  connectionOfClient,
  connectionsOfClient,
  listsOfClient,
  peopleOfClient,
  runOfClient,
  runsOfClient,
} from './connections';

const InConnection = InSection.extend({ connectionId: inAddress(ConnectionIdSchema) });
const InRun = InConnection.extend({ runId: inAddress(SyncRunIdSchema) });

/** The connections of a section that the client may use, by name. */
export const readConnectionsOfClient = query({
  name: 'clients.list-connections',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db, actor }, { sectionId }) => connectionsOfClient(db, clientOf(actor), sectionId),
});

export const readConnectionOfClient = query({
  name: 'clients.read-connection',
  scope: 'section',
  allow: 'readers',
  input: InConnection,
  run: ({ db, actor }, named) => connectionOfClient(db, clientOf(actor), named),
});

/** The lists that a connection keeps, by name. */
export const readListsOfClient = query({
  name: 'clients.list-connection-lists',
  scope: 'section',
  allow: 'readers',
  input: InConnection,
  run: ({ db, actor }, named) => listsOfClient(db, clientOf(actor), named),
});

/** A page of runs of a connection, newest first; `after`: the last run of the page before. */
export const readRunsOfClient = query({
  name: 'clients.list-runs',
  scope: 'section',
  allow: 'readers',
  input: InConnection.extend({ after: SyncRunIdSchema.optional(), limit: z.int().min(1).max(100) }),
  run: ({ db, actor }, page) => runsOfClient(db, clientOf(actor), page),
});

/** A run with its lists. */
export const readRunOfClient = query({
  name: 'clients.read-run',
  scope: 'section',
  allow: 'readers',
  input: InRun,
  run: ({ db, actor }, named) => runOfClient(db, clientOf(actor), named),
});

/** A page of a group of people of a list in a run, by their keys in a keyspace. */
export const readRunPeopleOfClient = query({
  name: 'clients.list-run-people',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InRun.extend({
    keyspaceId: KeyspaceIdSchema,
    listId: inAddress(ConnectionListIdSchema),
    group: z.enum([...CHANGE_GROUPS, ...CONTACT_GROUPS]),
    after: z.string().max(500).optional(),
    limit: z.int().min(1).max(1_000),
  }),
  run: async ({ db, actor, accountId }, { keyspaceId, ...asked }) => {
    const keyspace = await openKeyspace(db, actor, accountId, { sectionId: asked.sectionId, keyspaceId });
    return peopleOfClient(db, clientOf(actor), { ...asked, keyspace });
  },
});
