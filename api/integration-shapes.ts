// What the API says of connections, their lists and runs.
import { z } from '@hono/zod-openapi';
import type { ClientConnection, ClientList, ClientRun, ClientRunList } from '@/lib/clients/connections';
import { LIST_KINDS } from '@/lib/integrations/connector';
import type { PeopleGroup } from '@/lib/integrations/run-people';
import { CONNECTION_STATUSES, LIST_STATUSES, SYNC_LIST_STATUSES, SYNC_STATUSES } from '@/lib/integrations/schema';
import { RUN_CAUSES } from '@/lib/integrations/start';

/** Groups of people, by their names in the API. */
export const GROUPS = {
  adds: 'adds',
  removes: 'removes',
  joins: 'joins',
  leaves: 'leaves',
  left: 'left',
  refused: 'refused',
  create: 'create',
  unmatched: 'unmatched',
  no_address: 'noAddress',
  ambiguous: 'ambiguous',
  inactive: 'inactive',
} as const satisfies Record<string, PeopleGroup>;

export const Connection = z
  .object({
    connection_id: z.string(),
    crm: z.string().openapi({ example: 'dynamics', description: 'The kind of CRM.' }),
    name: z.string(),
    status: z.enum(CONNECTION_STATUSES).exclude(['removed']).openapi({
      description: '`waiting`: a person has to act, see `attention`. It is not synced by schedule until then.',
    }),
    attention: z.string().nullable().openapi({ description: 'What a person should look at.' }),
    next_sync_at: z.iso.datetime().nullable().openapi({ description: 'null: only when somebody starts one.' }),
    keyspace_discriminator: z.string().openapi({ description: 'The keyspace whose keys are the ids of the CRM.' }),
  })
  .openapi('Connection');

const KeptTag = z
  .object({ discriminator: z.string(), name: z.string() })
  .nullable()
  .openapi({ description: 'The tag that it keeps; null if that is hidden.' });

export const KeptList = z
  .object({
    list_id: z.string(),
    external_id: z.string().openapi({ description: 'The id of the CRM, with the kind of list.' }),
    name: z.string(),
    new_name: z.string().nullable().openapi({ description: 'Its name in the CRM, if it was renamed there.' }),
    kind: z.enum(LIST_KINDS),
    status: z.enum(LIST_STATUSES).exclude(['left']).openapi({
      description: 'Syncs leave the tag as it is unless the list is `active`.',
    }),
    status_since: z.iso.datetime(),
    adds_only: z.boolean().openapi({ description: 'Syncs never take its tag off.' }),
    confirmed: z.boolean().openapi({ description: 'It has been synced: the first sync needs a dry run.' }),
    tag: KeptTag,
  })
  .openapi('ConnectionList');

const Counts = z
  .object({
    seen: z.int().openapi({ description: 'Contacts that were read.' }),
    skipped: z.int().openapi({ description: 'Contacts that were deleted while the CRM was read.' }),
    matched: z.int().openapi({ description: 'Contacts of profiles.' }),
    people: z
      .int()
      .openapi({ description: 'Profiles of the contacts that matched: several contacts may lead to one.' }),
    create: z.int().openapi({ description: 'Contacts for whom a profile is created.' }),
    new_people: z.int().openapi({
      description: 'Profiles that are created for them, and get the tag: contacts of one address are one person.',
    }),
    unmatched: z.int().openapi({ description: 'Contacts whom nobody matches.' }),
    no_address: z.int().openapi({ description: 'Contacts with nothing to match by.' }),
    ambiguous: z.int().openapi({ description: 'Contacts whom several profiles match.' }),
    inactive: z.int().openapi({ description: 'Contacts that are deactivated, or were merged.' }),
    had: z.int().openapi({ description: 'Profiles that had the tag through the list before.' }),
    adds: z.int().openapi({ description: 'Profiles that get the tag.' }),
    removes: z.int().openapi({ description: 'Profiles that lose the tag.' }),
    joins: z.int().openapi({ description: 'Profiles that came to the list, and had the tag from elsewhere.' }),
    leaves: z.int().openapi({ description: 'Profiles that left the list, and keep the tag from elsewhere.' }),
    left: z.int().openapi({ description: 'Profiles on which the tag was left, by an answer.' }),
    kept_off: z.int().openapi({ description: 'Profiles that somebody keeps the tag off by hand.' }),
    refused: z.int().openapi({ description: 'Changes that Allowed Operations do not permit.' }),
  })
  .nullable()
  .openapi('RunCounts');

export const Run = z
  .object({
    run_id: z.string(),
    connection_id: z.string(),
    dry: z.boolean(),
    status: z.enum(SYNC_STATUSES).openapi({
      description:
        '`planned`: a dry run that can be applied; `held`: removals wait for an answer; `superseded`: a later run has replaced it.',
    }),
    cause: z.enum(RUN_CAUSES),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
    undone: z.boolean(),
    calls: z.int().openapi({ description: 'Calls to the CRM.' }),
    error: z.string().nullable().openapi({ description: 'Why it failed, and what to do.' }),
    job_id: z.string().nullable().openapi({ description: 'For `tag-changes?job_id=…`.' }),
    counts: Counts.openapi({ description: 'null if the tags of its lists may not all be read.' }),
  })
  .openapi('Run');

const RunList = z
  .object({
    list_id: z.string(),
    name: z.string(),
    status: z.enum(SYNC_LIST_STATUSES).openapi({
      description: '`frozen`: its tag was left as it is; `held`: removals wait for an answer.',
    }),
    reason: z.string().nullable().openapi({ description: 'Why it failed, is frozen or held.' }),
    waiting: z.int().openapi({ description: 'Removals that wait for an answer.' }),
    counts: Counts,
    tag: KeptTag,
  })
  .openapi('RunList');

export const RunWithLists = Run.extend({ lists: z.array(RunList) }).openapi('RunWithLists');

export function connectionBody(connection: ClientConnection): z.output<typeof Connection> {
  const { id, kind, name, status, attention, nextSyncAt, keyspace } = connection;
  return {
    connection_id: String(id),
    crm: kind,
    name,
    status,
    attention,
    next_sync_at: nextSyncAt?.toISOString() ?? null,
    keyspace_discriminator: keyspace.discriminator,
  };
}

export function listBody(list: ClientList): z.output<typeof KeptList> {
  const { id, externalId, name, newName, kind, status, statusSince, addOnly, confirmed, tag } = list;
  return {
    list_id: String(id),
    external_id: externalId,
    name,
    new_name: newName,
    kind: z.enum(LIST_KINDS).parse(kind),
    status: z.enum(LIST_STATUSES).exclude(['left']).parse(status),
    status_since: statusSince,
    adds_only: addOnly,
    confirmed,
    tag,
  };
}

function countsBody({ counts, changes }: Pick<ClientRun, 'counts' | 'changes'>): z.output<typeof Counts> {
  if (counts === null || changes === null) return null;
  const { seen, skipped, matched, people, create, newPeople, unmatched, noAddress, ambiguous, inactive } = counts;
  const { had, keptOff } = counts;
  const found = {
    matched,
    people,
    create,
    new_people: newPeople,
    unmatched,
    no_address: noAddress,
    ambiguous,
    inactive,
  };
  return { seen, skipped, ...found, had, ...changes, kept_off: keptOff };
}

export function runBody(run: ClientRun): z.output<typeof Run> {
  const { id, connectionId, dry, status, cause, createdAt, finishedAt, undone, calls, error, operationId } = run;
  return {
    run_id: String(id),
    connection_id: String(connectionId),
    dry,
    status,
    cause: z.enum(RUN_CAUSES).parse(cause),
    created_at: createdAt,
    finished_at: finishedAt,
    undone,
    calls,
    error,
    job_id: operationId === null ? null : String(operationId),
    counts: countsBody(run),
  };
}

export function runListBody(list: ClientRunList): z.output<typeof RunList> {
  const { listId, name, status, reason, changes, tag } = list;
  return {
    list_id: String(listId),
    name,
    status,
    reason,
    waiting: status === 'held' ? changes.removes + changes.leaves : 0,
    counts: countsBody(list),
    tag,
  };
}
