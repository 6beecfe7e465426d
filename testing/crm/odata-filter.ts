// `$filter` of OData, as far as the simulators of Dynamics 365 and Tribe CRM need it.

export type FilterOptions = {
  /** Tribe: text functions ignore case. */
  ignoreCase?: boolean;
  /** The value at a path, such as `Person/ID`. */
  valueAt: (row: Record<string, unknown>, path: string) => unknown;
};

/** A filter that the server does not understand. */
export class FilterError extends Error {}

type Row = Record<string, unknown>;
type Test = (row: Row) => boolean;

const TOKEN = /\s*(?:('(?:[^']|'')*')|([()=,])|([^\s(),']+))/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new FilterError(`Syntax error at '${text.slice(TOKEN.lastIndex)}'`);
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

/** Compares as numbers, times or text. Null only equals null. */
export function compare(left: unknown, right: unknown): number | null {
  if (left === right) return 0;
  if (left === null || left === undefined || right === null || right === undefined) {
    return (left ?? null) === (right ?? null) ? 0 : null;
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [one, other] = [left, right].map((value) => (typeof value === 'string' ? value : JSON.stringify(value))) as [
    string,
    string,
  ];
  if (one[10] === 'T' && /^\d{4}-\d\d-\d\dT/.test(one) && /^\d{4}-\d\d-\d\d/.test(other))
    return Date.parse(one) - Date.parse(other);
  const [lower, otherLower] = [one.toLowerCase(), other.toLowerCase()];
  return lower < otherLower ? -1 : lower > otherLower ? 1 : 0;
}

const COMPARISONS: Record<string, (order: number | null) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order !== null && order > 0,
  ge: (order) => order !== null && order >= 0,
  lt: (order) => order !== null && order < 0,
  le: (order) => order !== null && order <= 0,
};

const TEXT_FUNCTIONS: Record<string, (text: string, part: string) => boolean> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

function literalOf(token: string): unknown {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'null') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token;
}

/** Compiles a filter. Throws `FilterError`. */
export function compileFilter(text: string, { ignoreCase = false, valueAt }: FilterOptions): Test {
  const tokens = tokensOf(text);
  let at = 0;
  const next = () => {
    const token = tokens[at++];
    if (token === undefined) throw new FilterError('Syntax error: the filter breaks off');
    return token;
  };
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new FilterError(`Syntax error: '${token}' expected, '${found}' found`);
  };

  const any = (): Test => {
    let test = all();
    while (tokens[at] === 'or') {
      at += 1;
      const [left, right] = [test, all()];
      test = (row) => left(row) || right(row);
    }
    return test;
  };
  const all = (): Test => {
    let test = single();
    while (tokens[at] === 'and') {
      at += 1;
      const [left, right] = [test, single()];
      test = (row) => left(row) && right(row);
    }
    return test;
  };
  const single = (): Test => {
    const token = next();
    if (token === 'not') {
      const test = single();
      return (row) => !test(row);
    }
    if (token === '(') {
      const test = any();
      expect(')');
      return test;
    }
    const textFunction = TEXT_FUNCTIONS[token];
    if (textFunction) return textTest(textFunction);
    if (token.endsWith('/any')) return anyTest(token.slice(0, -'/any'.length));
    const compared = COMPARISONS[next()];
    if (!compared) throw new FilterError(`The operator '${tokens[at - 1]}' is not supported`);
    const literal = literalOf(next());
    return (row) => compared(compare(valueAt(row, token), literal));
  };
  const textTest = (matches: (text: string, part: string) => boolean): Test => {
    expect('(');
    const path = next();
    expect(',');
    const part = String(literalOf(next()));
    expect(')');
    const spelled = (value: string) => (ignoreCase ? value.toLowerCase() : value);
    return (row) => {
      const value = valueAt(row, path);
      return typeof value === 'string' && matches(spelled(value), spelled(part));
    };
  };
  /** `Labels/any(l: l/ID eq 1)`. */
  const anyTest = (path: string): Test => {
    expect('(');
    const variable = next().replace(/:$/, '');
    const from = at;
    const close = tokens.indexOf(')', from);
    const inner = tokens.slice(from, close).map((token) => token.replace(new RegExp(`^${variable}/`), ''));
    at = close + 1;
    const test = compileFilter(inner.join(' '), { ignoreCase, valueAt });
    return (row) => {
      const items = valueAt(row, path);
      return Array.isArray(items) && items.some((item) => test(item as Row));
    };
  };

  const test = any();
  if (at < tokens.length) throw new FilterError(`Syntax error at '${tokens.slice(at).join(' ')}'`);
  return test;
}
