// A read of a run in progress: whose it is, and what it writes into `sync_member`.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Attribute } from '@/lib/attributes/schema';
import type { ConnectionListId, ProfileId, SectionId, SyncRunId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import type { ContactRecord, Session } from './connector';
import type { OpenConnection, OpenRun } from './queries';
import { keyOfContact, MEMBER_COLUMNS, memberLine, memberOf, type Member } from './stage';

/** Contacts of one write: pages of some CRMs are small, and each write is a transaction. */
const BATCH = 2_000;
/** People watch the progress: no contact waits longer for its write, if further ones come. Milliseconds. */
const WRITE_EVERY_MS = 3_000;

/** The list of contacts that belong to none: of a read of changes. */
export const NO_LIST = 0 as ConnectionListId;

export type Reading = {
  sectionId: SectionId;
  runId: SyncRunId;
  run: OpenRun;
  /** This process's claim on the run. */
  runner: string;
  connection: OpenConnection;
  attributes: ReadonlyMap<string, Attribute>;
  session: Session;
  /** Calls to the CRM so far, with those of a process that was killed before. */
  calls: () => number;
};

/** The run was cancelled, or another process has taken it over. */
export class TakenAway extends Error {}

/** Throws `TakenAway` if the run is no longer this process's; otherwise locks it. */
export async function requireOwn(tx: Tx, { sectionId, runId, runner }: Reading): Promise<void> {
  const own = await execute(
    tx,
    sql`
      select from sync_run
      where section_id = ${sectionId} and id = ${runId} and runner = ${runner} and status = 'reading'
      for no key update`,
  );
  if (own === 0) throw new TakenAway();
}

export const clearMembers = (tx: Tx, { sectionId, runId }: Reading, listId: ConnectionListId): Promise<number> =>
  execute(
    tx,
    sql`delete from sync_member where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}`,
  );

/**
 * The profiles of contacts that an earlier run has linked, by the contact's key. Written with the contact, so that in most syncs hardly a
 * row of `sync_member` is written twice. Not of inactive contacts, who have none; those of a read of changes are matched otherwise.
 */
async function linkedProfiles(
  tx: Tx,
  { sectionId, connection }: Reading,
  listId: ConnectionListId,
  members: readonly Member[],
): Promise<Record<string, ProfileId>> {
  const keys = members.flatMap(({ key, active }) => (active ? [key] : []));
  if (listId === NO_LIST || keys.length === 0) return {};
  const { linked } = await one<{ linked: Record<string, ProfileId> | null }>(
    tx,
    sql`
      select json_object_agg(key, profile_id) as linked from profile_key
      where section_id = ${sectionId} and keyspace_id = ${connection.keyspaceId} and key = any(${keys}::text[])`,
  );
  return linked ?? {};
}

/**
 * Writes pages of contacts as members of a list, each contact once, and returns how it ended. Replaces what an earlier attempt has
 * left. `note`: called with each write, with the number of contacts so far.
 */
export async function stageMembers<End>(
  reading: Reading,
  listId: ConnectionListId,
  pages: AsyncGenerator<ContactRecord[], End, void>,
  note?: (tx: Tx, seen: number) => Promise<unknown>,
): Promise<End> {
  const { sectionId, runId, connection, attributes } = reading;
  const known = new Set<string>();
  let members: Member[] = [];
  let writtenAt = Date.now();
  const write = (first: boolean): Promise<void> => {
    const batch = members;
    const seen = known.size;
    members = [];
    writtenAt = Date.now();
    const writing = transaction(async (tx) => {
      await requireOwn(tx, reading);
      if (first) await clearMembers(tx, reading, listId);
      if (batch.length > 0) {
        const linked = await linkedProfiles(tx, reading, listId, batch);
        const place = [sectionId, runId, listId] as const;
        const text = batch.map((member) => memberLine(place, member, linked[member.key])).join('');
        const copy = tx.query(copyFrom(`copy sync_member (${MEMBER_COLUMNS}) from stdin`));
        await pipeline(Readable.from([text]), copy);
      }
      await note?.(tx, seen);
    });
    // Node ends the process for a failure that nobody awaits yet: `nextPage` does so later.
    writing.catch(() => undefined);
    return writing;
  };
  let writing = write(true);
  /** The next page, which the CRM prepares while the last one is written. No write outlasts the read, even one that fails. */
  const nextPage = async () => {
    try {
      return await pages.next();
    } finally {
      await writing;
    }
  };
  for (;;) {
    const page = await nextPage();
    if (page.done) {
      await write(false);
      return page.value;
    }
    for (const contact of page.value) {
      const key = keyOfContact(contact);
      // A contact that was moved to a later page while the list was read comes twice.
      if (known.has(key)) continue;
      known.add(key);
      members.push(memberOf(contact, connection.options, attributes));
    }
    if (members.length >= BATCH || Date.now() - writtenAt >= WRITE_EVERY_MS) writing = write(false);
  }
}
