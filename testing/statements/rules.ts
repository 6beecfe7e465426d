// The rules that let every statement run on one section, and on Citus: each table of sections is pinned to one section
// by a constant, time is a parameter of writing statements, and locks stay within a section. Statements are parsed by
// PostgreSQL's own parser.
import { loadModule, parseSync } from 'libpg-query';
import type {
  ColumnRef,
  CommonTableExpr,
  DeleteStmt,
  InsertStmt,
  JoinExpr,
  Node as OneNode,
  RangeVar,
  SelectStmt,
  UpdateStmt,
  WithClause,
} from 'libpg-query';
import { asksWorker, canMakeIds } from './ids';
import { isNode, isQuery, someNode, textOf, within, writes, type Catalogue, type Node } from './nodes';

/**
 * `section`: a table of sections is not pinned to one. `outer`: it is pinned only by a table of an outer query, but
 * Citus looks at each query separately. `lock`: rows of such a table are locked. `time`: a writing statement takes the
 * time from the database. Things that Citus does wrong or refuses: `with`: an INSERT … SELECT has a reading WITH before
 * INSERT, which reads all sections on each worker. `copied`: a locking CTE of a writing statement has more than tables
 * in its FROM, so that Citus reads its rows back in another format. `temporary`: a temporary table in a recursive query.
 * `ids`: an INSERT … SELECT whose ids come from a sequence reads its rows in a way that Citus cannot pass on (ids.ts).
 */
export type Rule = 'section' | 'outer' | 'lock' | 'time' | 'with' | 'copied' | 'temporary' | 'ids';
/** `detail`: the table or function. */
export type Problem = { rule: Rule; detail: string };

/** An item of FROM: whether it has a `section_id`, and whether that is a constant. */
type Source = { alias: string; table: string | null; hasSection: boolean; pinned: boolean };
/** A column of a query's result. `*` stands for all columns of its sources. */
type Column = { name: string; pinned: boolean };
type Scope = { sources: Source[]; outer: Scope | null };
type Ctes = ReadonlyMap<string, Column[]>;
/** `into`: the only aliases whose rows the condition removes; null for all. */
type Condition = { node: Node; into: ReadonlySet<string> | null };
type Lateral = { source: Source; query: Node; names: string[] };

/** Subqueries that become joins. */
const JOINED = new Set<string>(['ANY_SUBLINK', 'EXISTS_SUBLINK']);
const TIME_FUNCTIONS = new Set(['now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'timeofday']);

/** Loads the parser, once. */
export const openParser = loadModule;

/** Parsed statements: parsing takes longer than checking. */
export type Parsed = readonly OneNode[];

/** Parses a text of one or more statements. `openParser` must have been awaited. */
export const parse = (text: string): Parsed => (parseSync(text).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);

/** The violations in statements, each once. */
export function problemsOf(statements: Parsed, catalogue: Catalogue): Problem[] {
  const check = new StatementCheck(catalogue);
  for (const statement of statements) check.statement(statement);
  const unique = new Map(check.problems.map((problem) => [`${problem.rule} ${problem.detail}`, problem]));
  return [...unique.values()];
}

/** Whether statements write, and name one of these tables. */
export function writesWith(statements: Parsed, tables: ReadonlySet<string>): boolean {
  // The target of a writing statement is not a node with its kind, as tables in FROM are.
  const isNamed = (node: Node) => 'relname' in node && tables.has(String(node.relname));
  return someNode(statements, writes) && someNode(statements, isNamed);
}

class StatementCheck {
  readonly problems: Problem[] = [];

  constructor(private readonly catalogue: Catalogue) {}

  statement(node: Node): void {
    const inner =
      within(node, 'CreateTableAsStmt')?.query ?? within(node, 'ExplainStmt')?.query ?? within(node, 'CopyStmt')?.query;
    if (inner) return this.statement(inner);
    if (!isQuery(node)) return;
    this.query(node, new Map(), null);
    if (someNode(node, writes)) this.write(node);
    if (someNode(node, (item) => within(item, 'SelectStmt')?.withClause?.recursive === true)) this.recursive(node);
  }

  /** Temporary tables are on the coordinator, but a recursive query runs completely on a worker. */
  private recursive(statement: Node): void {
    const named = new Set<string>();
    someNode(statement, (node) => {
      named.add(within(node, 'CommonTableExpr')?.ctename ?? '');
      return false;
    });
    someNode(statement, (node) => {
      const table = within(node, 'RangeVar')?.relname;
      if (table && !named.has(table) && !this.catalogue.tables.has(table)) this.found('temporary', table);
      return false;
    });
  }

  /** The rules about functions in writing statements. */
  private write(statement: Node): void {
    someNode(statement, (node) => {
      const name = functionOf(node);
      if (name && (TIME_FUNCTIONS.has(name) || 'SQLValueFunction' in node)) this.found('time', name);
      const cte = within(node, 'CommonTableExpr');
      if (cte) this.copied(cte);
      return false;
    });
  }

  private copied({ ctename = '', ctequery }: CommonTableExpr): void {
    const select = within(ctequery, 'SelectStmt');
    if (!select?.lockingClause) return;
    const isOther = (node: Node) =>
      'RangeFunction' in node ||
      'RangeSubselect' in node ||
      (node.RangeVar !== undefined && !this.catalogue.tables.has(node.RangeVar.relname ?? ''));
    const joins = (node: Node) => JOINED.has(within(node, 'SubLink')?.subLinkType ?? '');
    if (someNode(select.fromClause, isOther) || someNode(select.whereClause, joins)) this.found('copied', ctename);
  }

  /** The written rows go to one shard; for a WITH before INSERT, each worker would query the whole cluster. */
  private withBefore({ withClause, selectStmt, relation }: InsertStmt): void {
    const reads = within(selectStmt, 'SelectStmt')?.fromClause && withClause && !someNode(withClause.ctes, writes);
    const ofSections = (node: Node) => this.catalogue.sectionTables.has(within(node, 'RangeVar')?.relname ?? '');
    if (reads && someNode(withClause.ctes, ofSections)) this.found('with', relation?.relname ?? '');
  }

  private found(rule: Rule, detail: string): void {
    this.problems.push({ rule, detail });
  }

  /** Checks a query with everything inside it, and returns its columns. */
  private query(node: Node, ctes: Ctes, outer: Scope | null): Column[] {
    if (node.SelectStmt) return this.select(node.SelectStmt, ctes, outer);
    if (node.InsertStmt) return this.insert(node.InsertStmt, ctes, outer);
    if (node.UpdateStmt) return this.change(node.UpdateStmt, node.UpdateStmt.fromClause, ctes, outer);
    if (node.DeleteStmt) return this.change(node.DeleteStmt, node.DeleteStmt.usingClause, ctes, outer);
    return [];
  }

  private with(clause: WithClause | undefined, ctes: Ctes, outer: Scope | null): Ctes {
    const all = new Map(ctes);
    for (const one of clause?.ctes ?? []) {
      const cte = within(one, 'CommonTableExpr');
      if (!cte?.ctename || !cte.ctequery) continue;
      const names = (cte.aliascolnames ?? []).map(textOf);
      const named = (columns: Column[]) =>
        columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
      const select = within(cte.ctequery, 'SelectStmt');
      if (clause?.recursive && select?.larg) {
        // The recursive part reads the result of the first part.
        const first = named(new StatementCheck(this.catalogue).query({ SelectStmt: select.larg }, all, outer));
        all.set(cte.ctename, first);
      }
      all.set(cte.ctename, named(this.query(cte.ctequery, all, outer)));
    }
    return all;
  }

  private select(stmt: SelectStmt, outerCtes: Ctes, outer: Scope | null): Column[] {
    const ctes = this.with(stmt.withClause, outerCtes, outer);
    if (stmt.larg && stmt.rarg) {
      const [left, right] = [this.select(stmt.larg, ctes, outer), this.select(stmt.rarg, ctes, outer)];
      return left.map(({ name, pinned }, index) => ({ name, pinned: pinned && (right[index]?.pinned ?? false) }));
    }
    const scope = this.from(stmt.fromClause ?? [], stmt.whereClause, ctes, outer);
    if (stmt.lockingClause) this.locks(stmt, scope);
    if (asksWorker(stmt, this.catalogue)) this.found('ids', 'nextval');
    const { targetList, valuesLists, groupClause, havingClause, windowClause, sortClause, limitCount, limitOffset } =
      stmt;
    this.expressions(
      [targetList, valuesLists, groupClause, havingClause, windowClause, sortClause, limitCount, limitOffset],
      ctes,
      scope,
    );
    if (valuesLists) return valuesColumns(valuesLists);
    return columnsOf(targetList, scope);
  }

  private locks({ lockingClause }: SelectStmt, { sources }: Scope): void {
    const named = (lockingClause ?? []).flatMap((item) => within(item, 'LockingClause')?.lockedRels ?? []);
    const names = named.map((item) => within(item, 'RangeVar')?.relname);
    for (const { alias, table, pinned } of sources) {
      if (table && !pinned && (names.length === 0 || names.includes(alias))) this.found('lock', table);
    }
  }

  private insert(stmt: InsertStmt, outerCtes: Ctes, outer: Scope | null): Column[] {
    this.withBefore(stmt);
    if (!canMakeIds(stmt, this.catalogue)) this.found('ids', stmt.relation?.relname ?? '');
    const ctes = this.with(stmt.withClause, outerCtes, outer);
    const given = stmt.selectStmt ? this.query(stmt.selectStmt, ctes, outer) : [];
    const table = stmt.relation?.relname ?? '';
    const target = this.tableSource(stmt.relation);
    if (target.hasSection) {
      const at = (stmt.cols ?? []).findIndex((column) => within(column, 'ResTarget')?.name === 'section_id');
      target.pinned = given[at]?.pinned ?? false;
      if (!target.pinned) this.found('section', table);
    }
    const scope: Scope = { sources: [target], outer };
    this.expressions([stmt.onConflictClause, stmt.returningClause], ctes, scope);
    return columnsOf(stmt.returningClause?.exprs, scope);
  }

  private change(
    stmt: UpdateStmt | DeleteStmt,
    from: Node[] | undefined,
    outerCtes: Ctes,
    outer: Scope | null,
  ): Column[] {
    const ctes = this.with(stmt.withClause, outerCtes, outer);
    const target: Node[] = stmt.relation ? [{ RangeVar: stmt.relation }] : [];
    const scope = this.from([...target, ...(from ?? [])], stmt.whereClause, ctes, outer, { targets: 1 });
    this.expressions(['targetList' in stmt ? stmt.targetList : undefined, stmt.returningClause], ctes, scope);
    return columnsOf(stmt.returningClause?.exprs, scope);
  }

  /** FROM and WHERE of one level: finds out which sources are pinned, and reports tables that are not. */
  private from(
    items: readonly Node[],
    where: Node | undefined,
    ctes: Ctes,
    outer: Scope | null,
    { targets = 0 } = {},
  ): Scope {
    const scope: Scope = { sources: [], outer };
    const conditions: Condition[] = where ? [{ node: where, into: null }] : [];
    const laterals: Lateral[] = [];
    items.forEach((item, index) =>
      // The target of an UPDATE or DELETE is always a table, even if a CTE has the same name.
      this.fromItem(item, index < targets ? new Map() : ctes, scope, conditions, laterals, ctes),
    );
    const pin = (by: Scope['outer']) => {
      let changed = true;
      while (changed) changed = conditions.some((condition) => pinBy(condition, { ...scope, outer: by }));
    };
    pin(null);
    for (const { source, query, names } of laterals) {
      setColumns(source, this.query(query, ctes, scope), names);
      pin(null);
    }
    const byConstant = scope.sources.filter(({ pinned }) => pinned);
    pin(outer);
    for (const source of scope.sources) {
      if (!source.table) continue;
      if (!source.pinned) this.found('section', source.table);
      else if (!byConstant.includes(source)) this.found('outer', source.table);
    }
    this.expressions(
      conditions.map(({ node }) => node),
      ctes,
      scope,
    );
    return scope;
  }

  private fromItem(
    item: Node,
    ctes: Ctes,
    scope: Scope,
    conditions: Condition[],
    laterals: Lateral[],
    inner: Ctes = ctes,
  ): Set<string> {
    const add = (source: Source) => {
      scope.sources.push(source);
      return new Set([source.alias]);
    };
    if (item.RangeVar) {
      const { relname = '', alias, schemaname } = item.RangeVar;
      const columns = schemaname ? undefined : ctes.get(relname);
      if (!columns) return add(this.tableSource(item.RangeVar));
      const source: Source = { alias: alias?.aliasname ?? relname, table: null, hasSection: false, pinned: false };
      setColumns(source, columns, (alias?.colnames ?? []).map(textOf));
      return add(source);
    }
    if (item.RangeSubselect) {
      const { alias, subquery, lateral } = item.RangeSubselect;
      const source: Source = { alias: alias?.aliasname ?? '', table: null, hasSection: false, pinned: false };
      const names = (alias?.colnames ?? []).map(textOf);
      if (subquery && lateral) laterals.push({ source, query: subquery, names });
      else if (subquery) setColumns(source, this.query(subquery, inner, scope.outer), names);
      return add(source);
    }
    if (item.JoinExpr) return this.join(item.JoinExpr, ctes, scope, conditions, laterals);
    if (item.RangeFunction) {
      const { alias, coldeflist, functions } = item.RangeFunction;
      const names = [
        ...(alias?.colnames ?? []).map(textOf),
        ...(coldeflist ?? []).map((column) => within(column, 'ColumnDef')?.colname ?? ''),
      ];
      this.expressions(functions, inner, scope);
      return add({
        alias: alias?.aliasname ?? '',
        table: null,
        hasSection: names.includes('section_id'),
        pinned: false,
      });
    }
    return new Set();
  }

  private join(
    { jointype, larg, rarg, quals, usingClause }: JoinExpr,
    ctes: Ctes,
    scope: Scope,
    conditions: Condition[],
    laterals: Lateral[],
  ): Set<string> {
    const left = larg ? this.fromItem(larg, ctes, scope, conditions, laterals) : new Set<string>();
    const right = rarg ? this.fromItem(rarg, ctes, scope, conditions, laterals) : new Set<string>();
    const into =
      jointype === 'JOIN_LEFT'
        ? right
        : jointype === 'JOIN_RIGHT'
          ? left
          : jointype === 'JOIN_FULL'
            ? new Set<string>()
            : null;
    if (quals) conditions.push({ node: quals, into });
    if ((usingClause ?? []).map(textOf).includes('section_id')) {
      for (const one of left) for (const other of right) conditions.push({ node: sameSection(one, other), into });
    }
    return new Set([...left, ...right]);
  }

  private tableSource(relation: RangeVar | undefined): Source {
    const name = relation?.relname ?? '';
    const hasSection = this.catalogue.sectionTables.has(name);
    return { alias: relation?.alias?.aliasname ?? name, table: hasSection ? name : null, hasSection, pinned: false };
  }

  /** Checks the queries inside expressions. */
  private expressions(value: unknown, ctes: Ctes, scope: Scope): void {
    if (Array.isArray(value)) return value.forEach((item) => this.expressions(item, ctes, scope));
    if (!isNode(value)) return;
    if (isQuery(value)) return void this.query(value, ctes, scope);
    for (const part of Object.values(value)) this.expressions(part, ctes, scope);
  }
}

/** Pins a source that the condition compares with a constant or with a pinned source. Returns whether it pinned any. */
function pinBy({ node, into }: Condition, scope: Scope): boolean {
  const and = within(node, 'BoolExpr');
  if (and?.boolop === 'AND_EXPR')
    return (and.args ?? []).filter((part) => pinBy({ node: part, into }, scope)).length > 0;
  const comparison = within(node, 'A_Expr');
  if (!comparison || textOf(comparison.name?.[0]) !== '=') return false;
  const { kind, lexpr, rexpr } = comparison;
  if (!lexpr || !rexpr) return false;
  if (kind === 'AEXPR_IN') {
    const items = within(rexpr, 'List')?.items ?? [];
    return items.length === 1 && pinEqual(lexpr, items[0]!, into, scope);
  }
  if (kind !== 'AEXPR_OP') return false;
  const [left, right] = [within(lexpr, 'RowExpr')?.args, within(rexpr, 'RowExpr')?.args];
  if (left && right) {
    return left.filter((part, index) => right[index] && pinEqual(part, right[index], into, scope)).length > 0;
  }
  return pinEqual(lexpr, rexpr, into, scope);
}

function pinEqual(left: Node, right: Node, into: Condition['into'], scope: Scope): boolean {
  const pin = (column: Node, value: Node): boolean => {
    const source = sectionOf(column, scope);
    if (!source || source.pinned || !scope.sources.includes(source) || (into && !into.has(source.alias))) return false;
    source.pinned = isPinned(value, scope);
    return source.pinned;
  };
  return pin(left, right) || pin(right, left);
}

/** The source whose `section_id` an expression is. */
function sectionOf(node: Node, scope: Scope | null): Source | undefined {
  const fields = within(uncast(node), 'ColumnRef')?.fields ?? [];
  if (textOf(fields.at(-1)) !== 'section_id') return undefined;
  const alias = fields.length > 1 ? textOf(fields.at(-2)) : null;
  for (let level = scope; level; level = level.outer) {
    const source = level.sources.find((item) => item.hasSection && (alias === null || item.alias === alias));
    if (source) return source;
  }
  return undefined;
}

/** Whether an expression has a single value for the whole statement: a constant, or the section of a pinned source. */
function isPinned(node: Node, scope: Scope | null): boolean {
  const plain = uncast(node);
  if ('ParamRef' in plain || 'A_Const' in plain) return true;
  return sectionOf(plain, scope)?.pinned ?? false;
}

function uncast(node: Node): Node {
  const inner = within(node, 'TypeCast')?.arg;
  return inner ? uncast(inner) : node;
}

function columnsOf(targets: Node[] | undefined, scope: Scope): Column[] {
  return (targets ?? []).flatMap((target): Column[] => {
    const { name, val } = within(target, 'ResTarget') ?? {};
    if (!val) return [];
    const column = within(val, 'ColumnRef');
    if (column && 'A_Star' in (column.fields?.at(-1) ?? {})) {
      const alias = (column.fields?.length ?? 0) > 1 ? textOf(column.fields?.at(-2)) : null;
      const source = scope.sources.find((item) => item.hasSection && (alias === null || item.alias === alias));
      return source ? [{ name: 'section_id', pinned: source.pinned }] : [];
    }
    return [{ name: name ?? columnName(column), pinned: isPinned(val, scope) }];
  });
}

const columnName = (column: ColumnRef | undefined): string => textOf(column?.fields?.at(-1));

function valuesColumns(lists: Node[]): Column[] {
  const rows = lists.map((list) => within(list, 'List')?.items ?? []);
  return (rows[0] ?? []).map((_first, index) => ({
    name: `column${index + 1}`,
    pinned: rows.every((row) => row[index] !== undefined && isPinned(row[index], null)),
  }));
}

function setColumns(source: Source, columns: Column[], names: readonly string[]): void {
  const section = columns.find(({ name }, index) => (names[index] ?? name) === 'section_id');
  source.hasSection = section !== undefined;
  source.pinned = section?.pinned ?? false;
}

function sameSection(left: string, right: string): OneNode {
  const column = (alias: string): OneNode => ({
    ColumnRef: { fields: [{ String: { sval: alias } }, { String: { sval: 'section_id' } }] },
  });
  return {
    A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: '=' } }], lexpr: column(left), rexpr: column(right) },
  };
}

/** The function that a node calls, without its schema; also `current_date` and similar. */
function functionOf(node: Node): string | undefined {
  const call = within(node, 'FuncCall');
  if (call) return textOf(call.funcname?.at(-1));
  const value = within(node, 'SQLValueFunction');
  const op = value?.op?.replace('SVFOP_', '').toLowerCase();
  return op && /date|time/.test(op) ? op : undefined;
}
