// Filter expressions of Lime's query API (crm-apis §2.5 [C]): leaves `{key, op, exp}`, groups of AND and OR, and negation.
import { z } from 'zod';

/** Nested deeper, an expression is not read. */
const DEEPEST = 50;

export type Expression =
  | { op: 'AND' | 'OR'; exp: Expression[] }
  | { op: '!'; exp: Expression }
  | { key: string; op: string; exp?: unknown };

const LEAF_OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'IN', '=?', '?'] as const;
const Leaf = z.object({ key: z.string().min(1), op: z.enum(LEAF_OPERATORS), exp: z.unknown() });
const Group = z.object({ op: z.enum(['AND', 'OR']), exp: z.array(z.unknown()) });
const Negation = z.object({ op: z.literal('!'), exp: z.unknown() });

/** What is to be known of a filter. `problem`: it cannot be read faithfully. `caution`: it can, but look at it. */
export type ReadExpression = { expression: Expression; caution?: string } | { problem: string };

/** Reads a filter, as an object or as JSON text. */
export function readExpression(filter: unknown): ReadExpression {
  let value = filter;
  if (typeof filter === 'string') {
    try {
      value = JSON.parse(filter);
    } catch {
      return { problem: 'This is not valid JSON. Copy the whole filter, from the first { to the last }.' };
    }
  }
  try {
    const expression = parse(value, 0);
    const texts = textsIn(expression);
    if (texts.some((text) => /^\$me\b/.test(text))) {
      return {
        problem:
          'It uses “$me”, which means whoever looks at it. For Tagwell that would be the API user, so the members would differ from what you see. Replace it with a name in Lime.',
      };
    }
    return isRelative(expression, texts)
      ? { expression, caution: 'It has a value that Lime works out at each sync, such as a relative date.' }
      : { expression };
  } catch (error) {
    if (error instanceof NotAnExpression) return { problem: error.message };
    throw error;
  }
}

class NotAnExpression extends Error {}

function parse(value: unknown, depth: number): Expression {
  if (depth > DEEPEST) throw new NotAnExpression('It is nested too deeply.');
  const group = Group.safeParse(value);
  if (group.success) return { op: group.data.op, exp: group.data.exp.map((part) => parse(part, depth + 1)) };
  const negation = Negation.safeParse(value);
  if (negation.success) return { op: '!', exp: parse(negation.data.exp, depth + 1) };
  const leaf = Leaf.safeParse(value);
  if (leaf.success) return leaf.data;
  throw new NotAnExpression(
    `This is not a filter expression: ${shown(value)}. Each condition needs “key”, “op” (${LEAF_OPERATORS.join(' ')}) and “exp”; groups have “op” AND or OR and a list in “exp”.`,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function leavesOf(expression: Expression): { exp?: unknown }[] {
  if ('key' in expression) return [expression];
  return expression.op === '!' ? leavesOf(expression.exp) : expression.exp.flatMap(leavesOf);
}

const textsIn = (expression: Expression): string[] =>
  leavesOf(expression)
    .flatMap(({ exp }) => (Array.isArray(exp) ? (exp as unknown[]) : [exp]))
    .filter((value): value is string => typeof value === 'string');

/** A value is a placeholder, or an object, which is how Lime writes what it works out. */
const isRelative = (expression: Expression, texts: readonly string[]) =>
  texts.some((text) => text.startsWith('$')) ||
  leavesOf(expression).some(({ exp }) => typeof exp === 'object' && exp !== null && !Array.isArray(exp));
