// JSON-RPC of the made-up efficy: sessions, contexts, and errors with status 200 in all their shapes (crm-apis §6.9, §6.11).
import { randomUUID } from 'node:crypto';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';
import type { EfficySite } from './site';
import { order, runSelect, SqlError, type Row } from './sql';

const MINUTE = 60_000;

/** Where an error stands in an answer. */
export const SHAPES = ['exception', 'top', 'flat', 'mark'] as const;
export type Shape = (typeof SHAPES)[number];

export type RpcOptions = {
  shape: Shape;
  sessionMinutes: number;
  /** Sessions and contexts that may be open at once: more are a leak. */
  mostSessions: number;
  mostContexts: number;
  /** The user has the right to free SQL. */
  sql: boolean;
  /** The profile list and the query list can be asked for. */
  lists: boolean;
  timeZone: unknown;
};

class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Func = Record<string, unknown> & { '@name': string };
type Operation = Record<string, unknown> & { '#id': string; '@name': string; '@func': Func[] };

const textOf = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export class Rpc {
  readonly options: RpcOptions = {
    shape: 'exception',
    sessionMinutes: 20,
    mostSessions: Infinity,
    mostContexts: 3,
    sql: true,
    lists: true,
    timeZone: 'Europe/Brussels',
  };
  /** Until when sessions live. */
  readonly sessions = new Map<string, number>();
  contexts = 0;
  /** Results without data, as a broken server gives them. */
  withoutData = false;

  constructor(
    readonly site: EfficySite,
    readonly credentials: { apiKey: string; user: string; password: string },
  ) {}

  answer(request: SimRequest): SimAnswer {
    try {
      const cookie = this.#session(request);
      const answer = request.url.pathname.endsWith('/query') ? this.#summary(request) : this.#operations(request);
      if (request.headers['x-efficy-logoff'] === 'true') this.sessions.delete(cookie);
      return {
        ...answer,
        headers: { ...answer.headers, 'set-cookie': `EfficySession=${cookie}; path=/`, 'x-efficy-status': 'success' },
      };
    } catch (error) {
      if (error instanceof Refused) return this.#refusal(request, error.code, error.message);
      if (error instanceof SqlError) return this.#refusal(request, 'DATA-1001', error.message);
      throw error;
    }
  }

  /** The session of a call. Without a cookie it is a new one. */
  #session({ headers }: SimRequest): string {
    const now = this.site.now();
    const cookie = /EfficySession=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
    for (const [id, until] of this.sessions) if (until <= now && id !== cookie) this.sessions.delete(id);
    if (cookie !== undefined) {
      if ((this.sessions.get(cookie) ?? 0) <= now) {
        this.sessions.delete(cookie);
        throw new Refused('FRMK-2612', 'The CRM Session is not active, please log in first');
      }
      this.sessions.set(cookie, now + this.options.sessionMinutes * MINUTE);
      return cookie;
    }
    const { apiKey, user, password } = this.credentials;
    const isKnown =
      headers['x-efficy-apikey'] === apiKey ||
      (headers['x-efficy-user'] === user && headers['x-efficy-pwd'] === password);
    if (!isKnown) throw new Refused('CORE-1243', 'Invalid User');
    if (this.sessions.size >= this.options.mostSessions) throw new Refused('CORE-2000', 'Too many open sessions');
    const id = randomUUID().slice(0, 17).toUpperCase();
    this.sessions.set(id, now + this.options.sessionMinutes * MINUTE);
    return id;
  }

  #refusal(request: SimRequest, code: string, message: string): SimAnswer {
    const error = { errorcode: code, errorstring: `EEfficyException - ${message}`, detail: '' };
    if (request.url.pathname.endsWith('/query')) return json(200, { data: { list: [], errors: [{ code, message }] } });
    switch (this.options.shape) {
      case 'exception':
        return json(200, [{ '@name': 'exception', '#error': error }]);
      case 'top':
        return json(200, { '#error': error });
      case 'flat':
        return json(200, { error: true, code, message, detail: '' });
      case 'mark': {
        const [operation] = JSON.parse(request.body) as Operation[];
        return json(200, [
          { '#id': operation!['#id'], '@func': [{ '#error': true, errorstring: message, errorcode: code }] },
        ]);
      }
    }
  }

  #operations({ body }: SimRequest): SimAnswer {
    const operations = JSON.parse(body) as Operation[];
    return json(
      200,
      operations.map((operation) => ({
        '#id': operation['#id'],
        '@name': operation['@name'],
        '@func': operation['@func'].map((func) => ({ '@name': func['@name'], '#result': this.#run(operation, func) })),
      })),
    );
  }

  #run(operation: Operation, func: Func): unknown {
    const name = `${operation['@name']} ${func['@name']}`;
    switch (name) {
      case 'api currentusername':
        return 'Tagwell';
      case 'api currentdatabasetimezone':
        return this.options.timeZone;
      case 'api query':
        return this.#dataset(this.#query(textOf(func.key), textOf(func.queryparams)));
      case 'api executesqlquery':
        return this.#dataset(this.#sql(func));
      case 'api consultmanyex':
        return this.#dataset(this.#consultMany(func));
      case 'consult detail':
        return this.#dataset(this.#detail(operation, textOf(func.detail)));
      case 'search master':
        return this.#dataset(this.#search(textOf(operation.entity)));
      default:
        throw new Refused('TAGS-2108', `Invalid function "${name}"`);
    }
  }

  #dataset(rows: Row[]): object {
    if (this.withoutData) return { '#class': 'dataset' };
    return { '#class': 'dataset', '#data': this.site.flavour === 'u' ? { data: rows } : rows };
  }

  #query(key: string, values: string): Row[] {
    const query = this.site.queries.get(key);
    if (!query) throw new Refused('TAGS-3001', `Query ${key} does not exist`);
    return query.run(values === '' ? [] : values.split('|'));
  }

  #sql(func: Func): Row[] {
    if (!this.options.sql) throw new Refused('TAGS-4403', 'You do not have the right to execute SQL');
    const sql = textOf(func.sql);
    const { profiles, queries } = this.site.names;
    if (!this.options.lists && new RegExp(`from (${profiles}|${queries})\\b`).test(sql)) {
      throw new SqlError('Invalid object name');
    }
    const rows = runSelect(sql, textOf(func.queryparams).split('\n'), {
      columnsOf: (table) => this.site.columnsOf(table),
      rowsOf: (table) => this.site.rowsOf(table) ?? [],
    });
    const count = Number(func.recordcount ?? 0);
    return count > 0 ? rows.slice(0, count) : rows;
  }

  /** Rows whose fields have exactly these values: the first field the first value, and so on. */
  #consultMany(func: Func): Row[] {
    this.#requireContacts(textOf(func.entity));
    const fields = textOf(func.findfield).split(';');
    const values = textOf(func.keys).split(';');
    if (fields.length !== values.length) throw new Refused('TAGS-2200', 'Numbers of fields and values differ');
    return this.site
      .rowsOf(this.site.names.contacts)!
      .filter((row) => fields.every((field, index) => row[field] === values[index]))
      .map((row) => this.site.shown(row));
  }

  #detail(operation: Operation, detail: string): Row[] {
    if (operation.closecontext !== true) this.contexts += 1;
    if (this.contexts > this.options.mostContexts) throw new Refused('CORE-2001', 'Too many open contexts');
    const key = textOf(operation.key);
    if (operation.entity !== 'Prof' || detail !== 'Cont') throw new Refused('TAGS-2108', 'Invalid Entity');
    if (!this.site.profiles.has(key)) throw new Refused('TAGS-2109', `Record ${key} not found`);
    const { key: column, first, last } = this.site.names;
    // What a relation shows: a few columns only.
    return (this.site.members.get(key) ?? []).flatMap((id) => {
      const row = this.site.contacts.get(id);
      return row ? [{ [column]: id, [first]: row[first], [last]: row[last] }] : [];
    });
  }

  #search(entity: string): Row[] {
    if (entity === 'Prof') {
      if (!this.options.lists) throw new Refused('TAGS-2108', 'Invalid Entity "Prof"');
      return [...this.site.profiles.values()];
    }
    this.#requireContacts(entity);
    return [...this.site.contacts.values()].map((row) => this.site.shown(row));
  }

  #requireContacts(entity: string): void {
    if (entity !== 'Cont') throw new Refused('TAGS-2108', `Invalid Entity "${entity}"`);
  }

  #summary({ body }: SimRequest): SimAnswer {
    const asked = JSON.parse(body) as {
      tableName: string;
      fields: string[];
      query: string[][];
      orderBy: string[];
      nbOfLines: number;
      startIndex: number;
    };
    if (!this.options.lists && asked.tableName !== 'Contact')
      throw new Refused('U-1', `Unknown table ${asked.tableName}`);
    const rows = this.site.rowsOf(asked.tableName);
    if (!rows) throw new Refused('U-1', `Unknown table ${asked.tableName}`);
    const fits = (row: Row) =>
      asked.query.some((all) =>
        all.every((condition) => {
          const [, name = '', value = ''] = /^(\w+) = '?(.*?)'?$/.exec(condition) ?? [];
          return order(row[name] ?? '', value.replaceAll("''", "'")) === 0;
        }),
      );
    const key = JSON.stringify([this.site.version, asked.tableName, asked.query, asked.orderBy]);
    const found = this.site.found.of(key, () =>
      rows.filter(fits).toSorted((left, right) => order(left[asked.orderBy[0]!], right[asked.orderBy[0]!])),
    );
    const list = found
      .slice(asked.startIndex, asked.startIndex + asked.nbOfLines)
      .map((row) => Object.fromEntries(asked.fields.map((name) => [name, row[name] ?? ''])));
    return json(200, { data: { list, errors: [] } });
  }
}
