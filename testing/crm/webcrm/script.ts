// Reads the SQL that webCRM's /Queries takes, as far as it is known (crm-apis §3.4): SELECT, one JOIN, WHERE, ORDER BY.

export type Row = Record<string, unknown>;
export class BadScript extends Error {}

type Test = (row: Row) => boolean;

const TOKENS = /\s*(?:('(?:[^']|'')*')|(>=|<=|!=|<>|=|>|<|\(|\)|,|\*)|([\w.]+))/gy;

function tokensOf(script: string): string[] {
  const tokens: string[] = [];
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < script.trimEnd().length) {
    const found = TOKENS.exec(script);
    if (!found) throw new BadScript('Incorrect syntax');
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
}

/** Runs a script over tables of flat rows. */
export function runScript(script: string, tables: Record<string, Row[]>): Row[] {
  const tokens = tokensOf(script);
  let at = 0;
  const next = () => tokens[at++] ?? '';
  const is = (word: string) => (tokens[at] ?? '').toUpperCase() === word;
  const expectWord = (word: string) => {
    if (!is(word)) throw new BadScript(`Incorrect syntax near '${tokens[at] ?? ''}'`);
    at += 1;
  };
  const table = () => {
    const name = next();
    const rows = tables[name];
    if (!rows) throw new BadScript(`Invalid object name '${name}'`);
    return rows;
  };
  const column = (name: string) => name.split('.').at(-1) ?? name;

  expectWord('SELECT');
  const columns: string[] = [];
  while (!is('FROM')) {
    const token = next();
    if (token === '') throw new BadScript('Incorrect syntax: FROM is missing');
    if (token !== ',') columns.push(column(token));
  }
  expectWord('FROM');
  let rows = table();
  if (is('JOIN')) {
    expectWord('JOIN');
    const joined = table();
    expectWord('ON');
    expectWord('(');
    const [left, , right] = [column(next()), next(), column(next())];
    expectWord(')');
    rows = rows.flatMap((row) =>
      joined.filter((other) => row[left] === other[right]).map((other) => ({ ...row, ...other })),
    );
  }

  const condition = (): Test => {
    if (is('(')) {
      expectWord('(');
      const inner = either();
      expectWord(')');
      return inner;
    }
    const name = column(next());
    const operator = next();
    const literal = next();
    const wanted = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : Number(literal);
    return (row) => {
      if (!(name in row)) throw new BadScript(`Invalid column name '${name}'`);
      return compares(row[name], operator, wanted);
    };
  };
  const both = (): Test => {
    const parts = [condition()];
    while (is('AND')) {
      expectWord('AND');
      parts.push(condition());
    }
    return (row) => parts.every((part) => part(row));
  };
  const either = (): Test => {
    const parts = [both()];
    while (is('OR')) {
      expectWord('OR');
      parts.push(both());
    }
    return (row) => parts.some((part) => part(row));
  };

  if (is('WHERE')) {
    expectWord('WHERE');
    rows = rows.filter(either());
  }
  if (is('ORDER')) {
    expectWord('ORDER');
    expectWord('BY');
    const by = column(next());
    rows = rows.toSorted((left, right) => order(left[by], right[by]));
  }
  if (at < tokens.length) throw new BadScript(`Incorrect syntax near '${tokens[at]}'`);
  if (columns.includes('*')) return rows;
  return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
}

function compares(value: unknown, operator: string, wanted: string | number): boolean {
  const sign = order(value, wanted);
  switch (operator) {
    case '=':
      return sign === 0;
    case '!=':
    case '<>':
      return sign !== 0;
    case '>=':
      return sign >= 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '<':
      return sign < 0;
    default:
      throw new BadScript(`Incorrect syntax near '${operator}'`);
  }
}

/** Texts compare whatever their case, as in the collation of the vendor's database. */
function order(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [first = '', second = ''] = [left, right].map((value) =>
    (typeof value === 'string' ? value : JSON.stringify(value ?? '')).toLowerCase(),
  );
  return first.localeCompare(second);
}
