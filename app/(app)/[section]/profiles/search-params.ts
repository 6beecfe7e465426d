// The list's filter in the URL, shared by server and browser.
import {
  createLoader,
  createParser,
  createSerializer,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';
import { z } from 'zod';
import { OperationIdSchema, ProfileIdSchema } from '@/lib/db/ids';
import type { PageCursor } from '@/lib/profiles/queries';
import {
  CONDITION_OPERATORS,
  OPERATION_EFFECTS,
  ProfileFilterSchema,
  type OperationEffect,
  type ProfileFilter,
} from '@/lib/profiles/schema';
import { isStorable } from '@/lib/text/storable';

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
  /** An operation and its effect: `?by=12&did=created`. */
  by: parseAsInteger,
  did: parseAsStringLiteral(OPERATION_EFFECTS),
  before: parseAsInteger,
  after: parseAsInteger,
};

export const loadFilter = createLoader(filterParsers);

/** A URL with a filter. */
export const serializeFilter = createSerializer(filterParsers);

type FilterParams = {
  q: string;
  has: number[];
  not: number[];
  where: Condition[];
  by: number | null;
  did: OperationEffect | null;
};

/** The filter in the URL; invalid parts are dropped. */
export function filterOf(params: FilterParams): ProfileFilter {
  const operationId = OperationIdSchema.safeParse(params.by).data;
  const parsed = ProfileFilterSchema.safeParse({
    search: isStorable(params.q) ? params.q : '',
    has: params.has,
    hasNot: params.not,
    conditions: params.where.filter(({ code, value }) => isStorable(code + value)),
    changedBy: operationId && params.did ? { operationId, effect: params.did } : null,
  });
  return parsed.data ?? ProfileFilterSchema.parse({});
}

/** The start of the page in the URL; invalid profile ids are dropped. */
export function cursorOf({ before, after }: { before: number | null; after: number | null }): PageCursor {
  return { before: ProfileIdSchema.safeParse(before).data, after: ProfileIdSchema.safeParse(after).data };
}
