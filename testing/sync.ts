// Syncs in tests: a connection to the made-up system of the connector contract, and runs of it from start to end.
import type { UserActor } from '@/lib/access/actor';
import type { ConnectionId, ConnectionListId, OperationId, SectionId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { applyDryRun, keepLists, setOptions, startSync } from '@/lib/integrations/commands';
import { connectCrm } from '@/lib/integrations/connect';
import { readConnection } from '@/lib/integrations/read';
import { ConnectionOptionsSchema, ListCountsSchema, type ListCounts } from '@/lib/integrations/schema';
import type { SessionOptions } from '@/lib/integrations/session';
import { API_KEY, startGeneric, type GenericSimulator } from './crm/generic';
import { runToEnd } from './fixtures';
import { valueOf } from './segments';

export type RunState = {
  status: string;
  error: string | null;
  operationId: OperationId | null;
  counts: Record<string, number>;
  lists: { listId: ConnectionListId; status: string; reason: string | null; counts: ListCounts }[];
};

/** A connection of a section, with its made-up system. */
export class TestConnection {
  readonly crm: GenericSimulator;
  readonly actor: UserActor;
  readonly sectionId: SectionId;
  readonly id: ConnectionId;

  private constructor(crm: GenericSimulator, actor: UserActor, sectionId: SectionId, id: ConnectionId) {
    this.crm = crm;
    this.actor = actor;
    this.sectionId = sectionId;
    this.id = id;
  }

  /** Starts the system, without contacts and lists, and connects the section to it. */
  static async open(actor: UserActor, sectionId: SectionId, options: object = {}): Promise<TestConnection> {
    const crm = await startGeneric();
    crm.simulator.reset({ contacts: 0, lists: 0 });
    const input = { sectionId, kind: 'generic', name: 'Shop' };
    const settings = { address: crm.simulator.origin };
    const secrets = { apiKey: API_KEY };
    const connected = valueOf(await connectCrm(actor, { ...input, settings, secrets }, quick(crm)));
    const connection = new TestConnection(crm, actor, sectionId, connected.id);
    await connection.set(options);
    return connection;
  }

  get where() {
    return { sectionId: this.sectionId, connectionId: this.id };
  }

  async set(options: object): Promise<void> {
    valueOf(await setOptions(this.actor, { ...this.where, options: ConnectionOptionsSchema.parse(options) }));
  }

  /** Keeps a tag by a list of the system. */
  async keep(listId: string, name: string): Promise<ConnectionListId> {
    const list = { externalId: `list:${listId}`, name, kind: 'list', tag: { name: `Shop: ${name}` } };
    const { ids } = valueOf(await keepLists(this.actor, { ...this.where, lists: [list] }));
    return ids[0]!;
  }

  async start(dry: boolean): Promise<SyncRunId> {
    return valueOf(await startSync(this.actor, { ...this.where, dry })).runId;
  }

  /** Reads the lists of a run, and runs its operation. */
  async finish(runId: SyncRunId): Promise<RunState> {
    await readConnection(this.sectionId, runId, quick(this.crm));
    return this.operate(runId);
  }

  /** Runs the operation of a run, if it has one. */
  async operate(runId: SyncRunId): Promise<RunState> {
    const { operationId } = await this.state(runId);
    if (operationId !== null) await runToEnd(this.sectionId, operationId);
    return this.state(runId);
  }

  /** A dry run, then what it has shown. */
  async first(): Promise<RunState> {
    const runId = await this.start(true);
    await this.finish(runId);
    valueOf(await applyDryRun(this.actor, { sectionId: this.sectionId, runId }));
    return this.operate(runId);
  }

  async sync(): Promise<RunState> {
    return this.finish(await this.start(false));
  }

  async state(runId: SyncRunId): Promise<RunState> {
    const of = sql`section_id = ${this.sectionId}`;
    const run = await one<Omit<RunState, 'lists'>>(
      pool(),
      sql`select status, error, counts, operation_id as "operationId" from sync_run where ${of} and id = ${runId}`,
    );
    const lists = await rows<RunState['lists'][number]>(
      pool(),
      sql`
        select list_id as "listId", status, reason, counts from sync_run_list
        where ${of} and run_id = ${runId}
        order by list_id`,
    );
    return { ...run, lists: lists.map((list) => ({ ...list, counts: ListCountsSchema.parse(list.counts) })) };
  }

  /** The email addresses of everyone who has a tag, in order. */
  async tagged(name: string): Promise<string[]> {
    const found = await rows<{ email: string }>(
      pool(),
      sql`
        select coalesce(profile.attributes ->> 'email', profile.id::text) as email
        from profile_tag held
        join tag on tag.section_id = ${this.sectionId} and tag.id = held.tag_id and tag.hidden_at is null
        join profile on profile.section_id = ${this.sectionId} and profile.id = held.profile_id
        where held.section_id = ${this.sectionId} and tag.name = ${`Shop: ${name}`}
        order by email`,
    );
    return found.map(({ email }) => email);
  }

  stop(): Promise<void> {
    return this.crm.simulator.stop();
  }
}

/** The virtual clock: waiting takes no time. */
export const quick = ({ simulator }: GenericSimulator): SessionOptions => ({
  http: { clock: simulator.clock, backoffMs: 1, timeoutMs: 2_000 },
});
