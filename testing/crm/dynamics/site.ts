// The data of a made-up Dynamics 365 environment: tables, who sees what, and a log of changes (crm-apis §4.10).
import { createHash } from 'node:crypto';
import { LastResults } from '../last-result';
import { TABLES, type ColumnDefinition, type Table } from './schema';

export type Row = Record<string, unknown>;

export class SiteError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type SiteOptions = {
  /** Rows of a page, at most. */
  pageSize: number;
  /** Rows that can be paged without a cookie. */
  simplePagingRows: number;
  /** Days that a delta token lives. */
  tokenDays: number;
  /** Seconds that an access token lives. */
  tokenSeconds: number;
  changeTracking: boolean;
  /** Characters of the longest URL that is accepted. */
  longestUrl: number;
};

/** What the application user may read. */
export type Role = {
  /** Whole organisation, or rows of one business unit only. Never an error: there are fewer rows. */
  businessUnit?: string;
  /** Tables that give 403. */
  hidden: string[];
};

/** A GUID made from a name: the same each time. */
export const guidOf = (name: string) => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** As the environment makes it from its parts. */
const fullNameOf = ({ firstname, lastname }: Row) =>
  [firstname, lastname].filter((part) => typeof part === 'string' && part.trim() !== '').join(' ') || null;

export class Site {
  readonly applicationUser = guidOf('application user');
  readonly organisation = guidOf('organisation');
  readonly secrets = {
    tenantId: guidOf('tenant'),
    clientId: guidOf('client'),
    clientSecret: 'Qx8~the-secret-of-tests',
  };
  readonly role: Role = { hidden: [] };
  readonly options: SiteOptions = {
    pageSize: 5_000,
    simplePagingRows: 50_000,
    tokenDays: 7,
    tokenSeconds: 3_599,
    changeTracking: true,
    longestUrl: 2_048,
  };
  /** The number of the last change. */
  version = 1;
  readonly deleted: { table: string; id: string; version: number }[] = [];
  readonly #rows = new Map(Object.keys(TABLES).map((table) => [table, new Map<string, Row>()]));
  readonly found = new LastResults<Row[]>();
  readonly #joins = new LastResults<Map<unknown, Row[]>>();
  /** What `visible` found, until something changes. */
  readonly #sorted = new Map<string, { state: string; rows: Row[] }>();
  readonly #removedColumns = new Set<string>();

  tableOf(name: string): Table {
    const table = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
    if (!table) throw new SiteError(400, '0x80041102', `The entity with a name = '${name}' was not found.`);
    if (this.role.hidden.includes(name)) {
      const words = `Principal user (Id=${this.applicationUser}) is missing prvRead privilege for '${name}'.`;
      throw new SiteError(403, '0x80040220', words);
    }
    return table;
  }

  tableOfSet(set: string): string {
    const found = Object.entries(TABLES).find(([, table]) => table.set === set);
    if (!found) throw new SiteError(404, '0x8006088a', `Resource not found for the segment '${set}'.`);
    this.tableOf(found[0]);
    return found[0];
  }

  columnsOf(table: string): ColumnDefinition[] {
    return this.tableOf(table).columns.filter(({ name }) => !this.#removedColumns.has(`${table}.${name}`));
  }

  /** A column by its name in FetchXML. */
  columnOf(table: string, name: string): ColumnDefinition | undefined {
    const column = this.columnsOf(table).find((one) => one.name === name);
    if (column || name === this.tableOf(table).key) return column;
    throw new SiteError(400, '0x80041103', `'${table}' entity doesn't contain attribute with Name = '${name}'.`);
  }

  removeColumn(table: string, name: string): void {
    this.#removedColumns.add(`${table}.${name}`);
  }

  /** Adds or changes a row. Its key is made from `name` if it has none. */
  put(table: string, row: Row): string {
    const { key } = TABLES[table]!;
    const given = row[key];
    const id = typeof given === 'string' ? given : guidOf(`${table} ${JSON.stringify(row)}`);
    this.version += 1;
    const rows = this.#rows.get(table)!;
    const whole: Row = { statecode: 0, ...rows.get(id), ...row, [key]: id, '@version': this.version };
    rows.set(id, 'lastname' in row || 'firstname' in row ? { ...whole, fullname: fullNameOf(whole) } : whole);
    return id;
  }

  get(table: string, id: string): Row | undefined {
    return this.#rows.get(table)!.get(id);
  }

  remove(table: string, id: string): void {
    if (!this.#rows.get(table)!.delete(id)) return;
    this.version += 1;
    this.deleted.push({ table, id, version: this.version });
  }

  /** The rows that the application user sees, by key. */
  visible(table: string): Row[] {
    const { key } = this.tableOf(table);
    const { businessUnit } = this.role;
    const known = this.#sorted.get(table);
    const state = `${this.version} ${businessUnit}`;
    if (known?.state === state) return known.rows;
    const rows = [...this.#rows.get(table)!.values()]
      .filter((row) => !businessUnit || !row.owningbusinessunit || row.owningbusinessunit === businessUnit)
      .filter((row) => table !== 'listmember' || this.#isThere(row.entityid))
      .toSorted((left, right) => (String(left[key]) < String(right[key]) ? -1 : 1));
    this.#sorted.set(table, { state, rows });
    return rows;
  }

  /** Memberships go with the row that they are of. */
  #isThere(id: unknown): boolean {
    return ['contact', 'lead', 'account'].some((table) => this.#rows.get(table)!.has(String(id)));
  }

  /** The rows that the application user sees with a value in a column. */
  joined(table: string, column: string, value: unknown): Row[] {
    const key = JSON.stringify([this.version, this.role, table, column]);
    const byValue = this.#joins.of(key, () => {
      const index = new Map<unknown, Row[]>();
      for (const row of this.visible(table)) {
        const rows = index.get(row[column]);
        if (rows) rows.push(row);
        else index.set(row[column], [row]);
      }
      return index;
    });
    return byValue.get(value) ?? [];
  }

  addContact(name: string, more: Row = {}): string {
    const [firstname = '', lastname = ''] = name.split(' ');
    return this.put('contact', {
      contactid: guidOf(`contact ${name}`),
      firstname,
      lastname,
      emailaddress1: `${firstname}.${lastname}@example.org`.toLowerCase(),
      merged: false,
      modifiedon: '2026-11-01T08:00:00Z',
      ...more,
    });
  }

  addStaticList(name: string, members: readonly string[], { code = 2, ...more }: Row & { code?: number } = {}): string {
    const listid = this.put('list', {
      listid: guidOf(`list ${name}`),
      listname: name,
      type: false,
      createdfromcode: code,
      ...more,
    });
    this.setMembers(listid, members);
    return listid;
  }

  addDynamicList(name: string, query: string, { code = 2, ...more }: Row & { code?: number } = {}): string {
    return this.put('list', {
      listid: guidOf(`list ${name}`),
      listname: name,
      type: true,
      createdfromcode: code,
      query,
      membercount: null,
      ...more,
    });
  }

  setMembers(listid: string, members: readonly string[]): void {
    const rows = this.#rows.get('listmember')!;
    for (const [id, row] of rows) if (row.listid === listid) rows.delete(id);
    this.version += 1;
    for (const entityid of members)
      this.put('listmember', { listmemberid: guidOf(`${listid} ${entityid}`), listid, entityid });
    this.put('list', { listid, membercount: members.length });
  }

  /** The ids on a static list, whether their rows are there or not. */
  membersOf(listid: string): string[] {
    const rows = [...this.#rows.get('listmember')!.values()];
    return rows.filter((row) => row.listid === listid).map((row) => String(row.entityid));
  }

  /** Without rows; the clock of changes goes on. */
  clear(): void {
    for (const rows of this.#rows.values()) rows.clear();
    this.version += 1;
    this.deleted.length = 0;
    this.role.hidden = [];
    delete this.role.businessUnit;
    this.#removedColumns.clear();
  }

  /** Merges as Dynamics does: the loser is deactivated and names the survivor. */
  merge(loser: string, survivor: string): void {
    this.put('contact', { contactid: loser, statecode: 1, merged: true, masterid: survivor });
  }
}
