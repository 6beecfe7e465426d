// The list's filter in the address, the same on the server and in the browser.
import {
  createLoader,
  createParser,
  createSerializer,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
} from 'nuqs/server';
import { z } from 'zod';
import { CONDITION_OPERATORS, ProfileFilterSchema, type ProfileFilter } from '@/lib/profiles/schema';

export type Condition = ProfileFilter['conditions'][number];

const ConditionSchema = z.object({ code: z.string(), operator: z.enum(CONDITION_OPERATORS), value: z.string() });

/** `city.is.Stockholm` */
const parseAsCondition = createParser<Condition>({
  parse: (text) => {
    const [code, operator, ...value] = text.split('.');
    return ConditionSchema.safeParse({ code, operator, value: value.join('.') }).data ?? null;
  },
  serialize: ({ code, operator, value }) => `${code}.${operator}.${value}`,
  eq: (left, right) => left.code === right.code && left.operator === right.operator && left.value === right.value,
});

export const filterParsers = {
  q: parseAsString.withDefault(''),
  has: parseAsArrayOf(parseAsInteger).withDefault([]),
  not: parseAsArrayOf(parseAsInteger).withDefault([]),
  where: parseAsArrayOf(parseAsCondition, ';').withDefault([]),
  before: parseAsInteger,
  after: parseAsInteger,
};

export const loadFilter = createLoader(filterParsers);

/** An address with a filter behind it. */
export const serializeFilter = createSerializer(filterParsers);

/** The filter that the address asks for; what cannot be one is left out. */
export function filterOf(params: { q: string; has: number[]; not: number[]; where: Condition[] }): ProfileFilter {
  const parsed = ProfileFilterSchema.safeParse({
    search: params.q,
    has: params.has,
    hasNot: params.not,
    conditions: params.where,
  });
  return parsed.data ?? ProfileFilterSchema.parse({});
}
