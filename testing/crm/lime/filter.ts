// Evaluates filter expressions of Lime's query API: the operators, dotted keys and $me (crm-apis §2.5, §2.10).

export type Thing = { [name: string]: unknown };

type Node = { op: string; key?: string; exp?: unknown };

export class BadFilter extends Error {}

/** Whether an object meets the filter. `me`: the id of the calling user. Options compare by key or id. */
export function meets(thing: Thing, filter: unknown, me: number): boolean {
  const { op, key, exp } = nodeOf(filter);
  if (key === undefined) {
    if (op === '!') return !meets(thing, exp, me);
    if ((op === 'AND' || op === 'OR') && Array.isArray(exp)) {
      return op === 'AND' ? exp.every((part) => meets(thing, part, me)) : exp.some((part) => meets(thing, part, me));
    }
    throw new BadFilter(`Unknown operator '${op}'`);
  }
  const values = comparable(valueAt(thing, key));
  const wanted = (Array.isArray(exp) ? (exp as unknown[]) : [exp]).map((value) => (value === '$me' ? me : value));
  if (op === 'IN') return wanted.some((value) => values.includes(value));
  const [only] = wanted;
  switch (op) {
    case '=':
      return values.includes(only);
    case '!=':
      return !values.includes(only);
    case '=?':
      return values.some((value) => lower(value).startsWith(lower(only)));
    case '?':
      return values.some((value) => lower(value).includes(lower(only)));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return values.some((value) => ordered(op, value, only));
    default:
      throw new BadFilter(`Unknown operator '${op}'`);
  }
}

/** The id that a filter by keyset begins after: what is before need not be looked at. */
export function afterIn(filter: unknown): number {
  if (typeof filter !== 'object' || filter === null) return 0;
  const { op, key, exp } = filter as Node;
  if (key === '_id' && op === '>' && typeof exp === 'number') return exp;
  return op === 'AND' && Array.isArray(exp) ? Math.max(0, ...exp.map(afterIn)) : 0;
}

function nodeOf(filter: unknown): Node {
  if (typeof filter !== 'object' || filter === null || !('op' in filter) || typeof filter.op !== 'string') {
    throw new BadFilter('Malformed filter');
  }
  return filter as Node;
}

/** A property, or one of a related object: 'company.name'. */
function valueAt(thing: Thing, key: string): unknown {
  return key.split('.').reduce<unknown>((value, name) => {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'object' || !(name in value)) throw new BadFilter(`No property '${name}'`);
    return (value as Thing)[name];
  }, thing);
}

/** What a value can be compared with: an option by key and id, a related object by id. */
function comparable(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value ?? null];
  const { id, key, _id } = value as Thing;
  return [id, key, _id].filter((part) => part !== undefined);
}

const lower = (value: unknown) => String(value).toLowerCase();

function ordered(op: '<' | '<=' | '>' | '>=', value: unknown, wanted: unknown): boolean {
  const [left, right] = [value, wanted].map(asNumber);
  if (left === undefined || right === undefined) return false;
  if (op === '<') return left < right;
  if (op === '<=') return left <= right;
  return op === '>' ? left > right : left >= right;
}

/** Times compare as times, whatever their offsets. */
function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
