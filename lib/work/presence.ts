// Which worker processes are there, and which of them leads. A process holds advisory locks by its names, in a transaction on a
// connection of its own; when the process ends, however it ends, PostgreSQL releases them. So no clock decides who is dead: a process
// that is only slow stays present, and two cannot lead. The locks belong to a transaction, because a pooler in transaction mode would
// leave locks of a session behind. It has neither a snapshot nor an id, so it does not hold up vacuum.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectionOptions } from '@/lib/db/pool';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { WorkOptions } from './options';

/**
 * Settings of that transaction. It may stay open for as long as the process lives. A machine that has vanished is noticed within a
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

/** Those of these processes (or workers of the queue) that are not there at this moment. */
export async function absentOf(db: Db, names: readonly string[]): Promise<string[]> {
  const absent = await rows<{ name: string }>(
    db,
    sql`
      select name from unnest(${names}::text[]) name
      where pg_try_advisory_xact_lock(hashtextextended('tagwell process ' || name, 0))`,
  );
  return absent.map(({ name }) => name);
}

type Options = Pick<WorkOptions, 'lookMs' | 'answerMs' | 'handoverMs' | 'longestPauseMs'>;

type Events = {
  /** This process leads from now on. */
  onLead?: () => void;
  /** It does not lead any more: its connection was lost, or it stops. */
  onFollow?: () => void;
  /** The connection was lost or could not be opened. It is opened again. */
  onProblem?: (error: unknown) => void;
};

/** This process among those that work on the database. */
export class Presence {
  /** The name under which this process takes operations. */
  readonly name = `${process.pid}-${randomUUID()}`;
  private readonly names = [this.name];
  private client: pg.Client | undefined;
  /** How many of the names are locked on this connection. */
  private shown = 0;
  /** When this connection was given the lead; undefined where it was not. Milliseconds of this process's clock. */
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

  /** Connects and becomes present. Throws where it cannot. A connection that is lost later is opened again. */
  static async open(options: Options, events: Events = {}): Promise<Presence> {
    const presence = new Presence(options, events);
    presence.client = await presence.connect();
    await presence.lookNow();
    return presence;
  }

  get leading(): boolean {
    return this.leads;
  }

  /** Becomes present under one more name: that by which workers of the queue lock jobs. */
  async add(name: string): Promise<void> {
    this.names.push(name);
    await this.lookNow();
  }

  /** Ends the presence, and with it the lead. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.follow();
    await this.client?.end();
    await this.current;
    // One that was just being opened.
    await this.client?.end();
  }

  private lookAfter(pauseMs: number): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => void this.lookNow(), pauseMs);
  }

  private lookNow(): Promise<void> {
    return (this.current = this.current.then(() => this.look()));
  }

  /** Shows names that are new, asks whether the connection lives, and tries to lead where nobody does. */
  private async look(): Promise<void> {
    if (this.closed) return;
    let { client } = this;
    try {
      client = this.client ??= await this.connect();
      await this.show(client);
      if (this.electedAt === undefined) await this.elect(client);
      else this.lead(this.electedAt);
      // Statements with parameters leave a portal with a snapshot behind, until a statement without parameters comes.
      await client.query('select');
      this.failures = 0;
      const { handoverMs, lookMs } = this.options;
      const waits = this.electedAt !== undefined && !this.leads;
      if (this.client === client) this.lookAfter(waits ? handoverMs : lookMs);
    } catch (error) {
      // Where the connection ended by itself, that has been seen already.
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

  /** Leads, some time after the election: a former leader that has lost its connection knows it by then. */
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
    this.lookAfter(Math.min(this.options.longestPauseMs, 50 * 2 ** this.failures++));
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
      // Under 'repeatable read' it would keep the snapshot of its first statement.
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
