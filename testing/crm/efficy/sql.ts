// A small reader of SELECT, as far as the made-up efficy needs it (crm-apis §6.11).

export type Row = Record<string, unknown>;

export class SqlError extends Error {}

const SELECT =
  /^\s*select\s+(?<columns>.+?)\s+from\s+(?:\((?<inner>.+)\)\s*\w*|(?<table>\w+)(?:\s+(?!where\b|order\b)\w+)?)(?:\s+where\s+(?<where>.+?))?(?:\s+order\s+by\s+(?<order>\w+))?\s*$/is;
const CONDITION = /^\s*(\w+)\s*(=|<>|>=|<=|>|<)\s*(.+?)\s*$/s;
const IN = /^\s*(\w+)\s+in\s*\((.+)\)\s*$/is;

/** Numbers in order as numbers, all else as text. */
export function order(left: unknown, right: unknown): number {
  const [one, other] = [textOf(left), textOf(right)];
  if (/^\d+$/.test(one) && /^\d+$/.test(other)) return Number(one) - Number(other);
  return one < other ? -1 : one > other ? 1 : 0;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const TESTS: Record<string, (order: number) => boolean> = {
  '=': (result) => result === 0,
  '<>': (result) => result !== 0,
  '>': (result) => result > 0,
  '>=': (result) => result >= 0,
  '<': (result) => result < 0,
  '<=': (result) => result <= 0,
};

/** Runs a SELECT. `columnsOf`: the columns of a table, or undefined if there is no such table. */
export function runSelect(
  sql: string,
  values: readonly string[],
  site: { columnsOf: (table: string) => string[] | undefined; rowsOf: (table: string) => Row[] },
): Row[] {
  const { columns = '', inner, table = '', where, order: orderBy } = SELECT.exec(sql)?.groups ?? {};
  if (columns === '') throw new SqlError(`Syntax error in '${sql.slice(0, 60)}'`);
  const rows = inner ? runSelect(inner, values, site) : site.rowsOf(table);
  const known = inner ? rows[0] && Object.keys(rows[0]) : site.columnsOf(table);
  if (!inner && !known) throw new SqlError(`Invalid object name '${table}'`);
  const check = (name: string) => {
    if (known && !known.includes(name)) throw new SqlError(`Invalid column name '${name}'`);
    return name;
  };
  const valueOf = (text: string) => {
    const place = /^:p(\d+)$/.exec(text.trim())?.[1];
    if (place) return values[Number(place) - 1] ?? '';
    return text
      .trim()
      .replace(/^'(.*)'$/s, '$1')
      .replaceAll("''", "'");
  };
  const tests = (where ? where.split(/\s+and\s+/i) : []).map((condition): ((row: Row) => boolean) => {
    const [, list, items = ''] = IN.exec(condition) ?? [];
    if (list) {
      const wanted = new Set(items.split(',').map(valueOf));
      check(list);
      return (row) => wanted.has(textOf(row[list]));
    }
    const [, name = '', operator = '', literal = ''] = CONDITION.exec(condition) ?? [];
    const test = TESTS[operator];
    if (!test) throw new SqlError(`Syntax error in '${condition}'`);
    check(name);
    const value = valueOf(literal);
    return (row) => test(order(row[name], value));
  });
  const found = rows.filter((row) => tests.every((test) => test(row)));
  if (orderBy) found.sort((left, right) => order(left[check(orderBy)], right[orderBy]));
  const names = columns.trim() === '*' ? known : columns.split(',').map((name) => check(name.trim()));
  return found.map((row) => Object.fromEntries((names ?? []).map((name) => [name, row[name] ?? ''])));
}
