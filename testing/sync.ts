// Syncs in tests: a connection to a made-up system, and runs of it from start to end.
import type { UserActor } from '@/lib/access/actor';
import type { ConnectionId, ConnectionListId, OperationId, ProfileId, SectionId, SyncRunId } from '@/lib/db/ids';
import { createByKey } from '@/lib/clients/one-profile';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { keepLists, setOptions } from '@/lib/integrations/commands';
import { applyDryRun, startSync } from '@/lib/integrations/run-commands';
import { connectCrm } from '@/lib/integrations/connect';
import { readConnection } from '@/lib/integrations/read';
import { ConnectionOptionsSchema, ListCountsSchema, type ListCounts } from '@/lib/integrations/schema';
import type { SessionOptions } from '@/lib/integrations/session';
import { startDynamics, type Dynamics } from './crm/dynamics';
import { API_KEY, startGeneric, type GenericSimulator } from './crm/generic';
import { runToEnd, type TestAccount } from './fixtures';
import { valueOf } from './segments';

export type RunState = {
  status: string;
  error: string | null;
  operationId: OperationId | null;
  counts: Record<string, number>;
  lists: { listId: ConnectionListId; status: string; reason: string | null; counts: ListCounts }[];
};

type Crm = Pick<GenericSimulator | Dynamics, 'simulator' | 'world'>;

/** Where a connection leads, and which external ids its lists have. */
type Entered = { kind: string; settings: object; secrets: object; kindOfList: string };

/** A connection of a section, with its made-up system. */
export class TestConnection<System extends Crm = GenericSimulator> {
  readonly crm: System;
  readonly account: TestAccount;
  readonly sectionId: SectionId;
  readonly id: ConnectionId;
  readonly #kindOfList: string;

  private constructor(crm: System, account: TestAccount, sectionId: SectionId, id: ConnectionId, kindOfList: string) {
    this.crm = crm;
    this.account = account;
    this.sectionId = sectionId;
    this.id = id;
    this.#kindOfList = kindOfList;
  }

  /** Starts a system of the connector contract, without contacts and lists, and connects the section to it. */
  static async open(account: TestAccount, sectionId: SectionId, options: object = {}): Promise<TestConnection> {
    const crm = await startGeneric();
    const entered = { kind: 'generic', settings: { address: crm.simulator.origin }, secrets: { apiKey: API_KEY } };
    return TestConnection.#connect(crm, account, sectionId, options, { ...entered, kindOfList: 'list' });
  }

  /** Dynamics 365, which says what has changed, and who was merged. */
  static async openDynamics(
    account: TestAccount,
    sectionId: SectionId,
    options: object = {},
  ): Promise<TestConnection<Dynamics>> {
    const crm = await startDynamics();
    const { settings, secrets } = crm;
    return TestConnection.#connect(crm, account, sectionId, options, {
      kind: 'dynamics',
      settings,
      secrets,
      kindOfList: 'contact',
    });
  }

  static async #connect<System extends Crm>(
    crm: System,
    account: TestAccount,
    sectionId: SectionId,
    options: object,
    { kindOfList, ...entered }: Entered,
  ): Promise<TestConnection<System>> {
    crm.simulator.reset({ contacts: 0, lists: 0 });
    const connected = valueOf(await connectCrm(account.admin, { sectionId, name: 'Shop', ...entered }, quick(crm)));
    const connection = new TestConnection(crm, account, sectionId, connected.id, kindOfList);
    await connection.set(options);
    return connection;
  }

  get actor(): UserActor {
    return this.account.admin;
  }

  get where() {
    return { sectionId: this.sectionId, connectionId: this.id };
  }

  async set(options: object): Promise<void> {
    valueOf(await setOptions(this.actor, { ...this.where, options: ConnectionOptionsSchema.parse(options) }));
  }

  /** Keeps a tag by a list of the system. */
  async keep(listId: string, name: string): Promise<ConnectionListId> {
    const externalId = `${this.#kindOfList}:${listId}`;
    const list = { externalId, name, kind: 'list', tag: { name: `Shop: ${name}` } };
    const { ids } = valueOf(await keepLists(this.actor, { ...this.where, lists: [list] }));
    return ids[0]!;
  }

  /** A profile with this email address. */
  async profile(email: string): Promise<ProfileId> {
    const { system, keyspaces } = this.account;
    const { sectionId } = this;
    return valueOf(await createByKey(system, { sectionId, keyspaceId: keyspaces.email, key: email })).id;
  }

  /** Contacts with these addresses, who have profiles here. */
  async known(emails: readonly string[]): Promise<string[]> {
    for (const email of emails) await this.profile(email);
    return emails.map((email) => this.crm.world.addContact({ email }));
  }

  /** A list of these people, synced once. */
  async synced(emails: readonly string[], name = 'Trade Show'): Promise<{ list: string; ids: string[] }> {
    const ids = await this.known(emails);
    const list = this.crm.world.addList(name, ids);
    await this.keep(list, name);
    await this.first();
    return { list, ids };
  }

  async start(dry: boolean): Promise<SyncRunId> {
    return valueOf(await startSync(this.actor, { ...this.where, dry })).runId;
  }

  /** Reads the lists of a run. */
  read(runId: SyncRunId, options: SessionOptions = {}): Promise<void> {
    return readConnection(this.sectionId, runId, { ...quick(this.crm), ...options });
  }

  /** Reads the lists of a run, and runs its operation. */
  async finish(runId: SyncRunId): Promise<RunState> {
    await this.read(runId);
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
export const quick = ({ simulator }: Pick<Crm, 'simulator'>): SessionOptions => ({
  http: { clock: simulator.clock, backoffMs: 1, timeoutMs: 2_000 },
});
