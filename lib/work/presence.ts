// Which worker processes are present, and which of them is the leader. A process holds advisory locks for its names, in
// a transaction on a connection of its own; when the process ends, however it ends, PostgreSQL releases them. So no
// clock decides who is dead: a slow process stays present, and two cannot lead. The locks belong to a transaction,
// because a pooler in transaction mode would leave session locks behind. The transaction has no snapshot and no id, so
// it does not delay vacuum.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectionOptions } from '@/lib/db/pool';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { WorkOptions } from './options';

/**
 * Settings of that transaction, which may stay open for the life of the process. A vanished machine is noticed within a
 * minute; PostgreSQL's default is two hours.
 */
const SETTINGS = {
  idle_in_transaction_session_timeout: '0',
  transaction_timeout: '0',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
};

const LEADER = 'leader';
const LOCK_KEY = `hashtextextended('tagwell process ' || name, 0)`;

/** Which of these processes (or queue workers) are absent now. */
export async function absentOf(db: Db, names: readonly string[]): Promise<string[]> {
  const absent = await rows<{ name: string }>(
    db,
    sql`
      select name from unnest(${names}::text[]) name
      where pg_try_advisory_xact_lock(hashtextextended('tagwell process ' || name, 0))`,
  );
  return absent.map(({ name }) => name);
}

type Options = Pick<WorkOptions, 'refreshMs' | 'answerMs' | 'handoverMs' | 'longestPauseMs'>;

type Events = {
  /** This process has become the leader. */
  onLead?: () => void;
  /** It is no longer the leader: its connection was lost, or it is stopping. */
  onFollow?: () => void;
  /** The connection was lost or could not be opened. It will be opened again. */
  onProblem?: (error: unknown) => void;
};

/** The presence of this process among those that work on the database. */
export class Presence {
  /** The name under which this process runs operations. */
  readonly name = `${process.pid}-${randomUUID()}`;
  private readonly names = [this.name];
  private client: pg.Client | undefined;
  /** How many of the names are locked on this connection. */
  private shown = 0;
  /** When this connection was elected; undefined if it was not. Milliseconds of this process's clock. */
  private electedAt: number | undefined;
  private leads = false;
  private closed = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: Options,
    private readonly events: Events,
  ) {}

  /** Connects and becomes present; throws if it cannot. A connection lost later is opened again. */
  static async open(options: Options, events: Events = {}): Promise<Presence> {
    const presence = new Presence(options, events);
    presence.client = await presence.connect();
    await presence.lookNow();
    return presence;
  }

  get leading(): boolean {
    return this.leads;
  }

  /** Becomes present under one more name: the one under which queue workers lock jobs. */
  async add(name: string): Promise<void> {
    this.names.push(name);
    await this.lookNow();
  }

  /** Ends the presence and the leadership. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.follow();
    await this.client?.end();
    await this.current;
    // A connection that was being opened.
    await this.client?.end();
  }

  private refreshAfter(pauseMs: number): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => void this.lookNow(), pauseMs);
  }

  private lookNow(): Promise<void> {
    return (this.current = this.current.then(() => this.refresh()));
  }

  /** Locks new names, checks the connection, and tries to become leader if there is none. */
  private async refresh(): Promise<void> {
    if (this.closed) return;
    let { client } = this;
    try {
      client = this.client ??= await this.connect();
      await this.show(client);
      if (this.electedAt === undefined) await this.elect(client);
      else this.lead(this.electedAt);
      // Statements with parameters leave a portal with a snapshot open until a statement without parameters runs.
      await client.query('select');
      this.failures = 0;
      const { handoverMs, refreshMs } = this.options;
      const waits = this.electedAt !== undefined && !this.leads;
      if (this.client === client) this.refreshAfter(waits ? handoverMs : refreshMs);
    } catch (error) {
      // If the connection ended by itself, this has been handled already.
      if (this.client === client) this.lose(error);
    }
  }

  private async show(client: pg.Client): Promise<void> {
    const names = this.names.slice(this.shown);
    await client.query(`select pg_advisory_xact_lock(${LOCK_KEY}) from unnest($1::text[]) name`, [names]);
    this.shown += names.length;
  }

  private async elect(client: pg.Client): Promise<void> {
    const { rows: answer } = await client.query<{ elected: boolean }>(
      `select pg_try_advisory_xact_lock(${LOCK_KEY}) as elected from (select $1::text as name) leader`,
      [LEADER],
    );
    if (this.client === client && answer[0]!.elected) this.electedAt = performance.now();
  }

  /** Becomes leader some time after the election: a former leader that lost its connection has noticed by then. */
  private lead(electedAt: number): void {
    if (this.leads || performance.now() - electedAt < this.options.handoverMs) return;
    this.leads = true;
    this.events.onLead?.();
  }

  private follow(): void {
    this.electedAt = undefined;
    if (!this.leads) return;
    this.leads = false;
    this.events.onFollow?.();
  }

  private lose(error: unknown): void {
    const lost = this.client;
    this.client = undefined;
    void lost?.end().catch(() => undefined);
    this.follow();
    if (this.closed) return;
    this.events.onProblem?.(error);
    this.refreshAfter(Math.min(this.options.longestPauseMs, 50 * 2 ** this.failures++));
  }

  private async connect(): Promise<pg.Client> {
    const { answerMs } = this.options;
    const client = new pg.Client({
      ...connectionOptions(process.env.DATABASE_URL!),
      application_name: 'tagwell worker',
      keepAlive: true,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.client === client) this.lose(new Error('The connection by which this worker is present was closed.'));
    });
    try {
      await client.connect();
      // 'repeatable read' would keep the snapshot of the first statement.
      await client.query('begin isolation level read committed read only');
      await client.query(
        `select set_config(name, value, true) from json_each_text($1) setting (name, value)
         where exists (select from pg_settings where pg_settings.name = setting.name)`,
        [JSON.stringify(SETTINGS)],
      );
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.shown = 0;
    return client;
  }
}
