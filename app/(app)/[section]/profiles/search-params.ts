// The list's filter in the URL, shared by server and browser.
import {
  createLoader,
  createParser,
  createSerializer,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';
import { OperationIdSchema } from '@/lib/db/ids';
import {
  OPERATION_EFFECTS,
  ProfileFilterSchema,
  type AttributeFilter,
  type OperationEffect,
  type ProfileFilter,
} from '@/lib/profiles/schema';
import type { LostPart } from '@/lib/segments/lost-parts';
import { isStorable } from '@/lib/text/storable';
import { parseCondition, serializeCondition } from './condition-param';

const parseAsCondition = createParser<AttributeFilter>({
  parse: parseCondition,
  serialize: serializeCondition,
  eq: (left, right) => serializeCondition(left) === serializeCondition(right),
});

const parseAsTags = parseAsArrayOf(parseAsInteger).withDefault([]);

export const filterParsers = {
  q: parseAsString.withDefault(''),
  /** All of these tags, any of them, none of them. */
  has: parseAsTags,
  any: parseAsTags,
  not: parseAsTags,
  /** No tag at all. */
  untagged: parseAsBoolean.withDefault(false),
  where: parseAsArrayOf(parseAsCondition, ';').withDefault([]),
  /** An operation and its effect: `?by=12&did=created`. */
  by: parseAsInteger,
  did: parseAsStringLiteral(OPERATION_EFFECTS),
};

export const loadFilter = createLoader(filterParsers);

/** A URL with a filter. */
export const serializeFilter = createSerializer(filterParsers);

export type FilterParams = {
  q: string;
  has: number[];
  any: number[];
  not: number[];
  untagged: boolean;
  where: AttributeFilter[];
  by: number | null;
  did: OperationEffect | null;
};

/** Sets parts of the filter; null clears one. */
export type ChangeFilter = (next: { [Key in keyof FilterParams]?: FilterParams[Key] | null }) => void;

/** No filter: what 'Clear filters' sets. */
export const NO_FILTER = { q: null, has: null, any: null, not: null, untagged: null, where: null, by: null, did: null };

/** The filter in the URL; invalid parts are dropped. */
export function filterOf(params: FilterParams): ProfileFilter {
  const operationId = OperationIdSchema.safeParse(params.by).data;
  const parsed = ProfileFilterSchema.safeParse({
    search: isStorable(params.q) ? params.q : '',
    has: params.has,
    hasAny: params.any,
    hasNot: params.not,
    untagged: params.untagged,
    conditions: params.where,
    changedBy: operationId && params.did ? { operationId, effect: params.did } : null,
  });
  return parsed.data ?? ProfileFilterSchema.parse({});
}

/** The filter without what is gone. */
export function withoutLost(
  { has, any, not, where }: Pick<FilterParams, 'has' | 'any' | 'not' | 'where'>,
  lost: readonly LostPart[],
) {
  const ids = new Set<number>(lost.flatMap((part) => (part.kind === 'tag' ? part.id : [])));
  const codes = new Set(lost.flatMap((part) => (part.kind === 'attribute' ? part.code : [])));
  const left = (tagIds: number[]) => tagIds.filter((id) => !ids.has(id));
  return { has: left(has), any: left(any), not: left(not), where: where.filter(({ code }) => !codes.has(code)) };
}

/** The filter with the tags that merged ones became, each once. */
export function withReplaced({ has, any, not }: Pick<FilterParams, 'has' | 'any' | 'not'>, lost: readonly LostPart[]) {
  const now = new Map<number, number>(
    lost.flatMap((part) => (part.kind === 'tag' && part.replacedBy ? [[part.id, part.replacedBy.id] as const] : [])),
  );
  const replaced = (tagIds: number[]) => [...new Set(tagIds.map((id) => now.get(id) ?? id))];
  return { has: replaced(has), any: replaced(any), not: replaced(not) };
}

/** Whether a filter asks for anything besides the search. */
export const hasConditions = ({ has, hasAny, hasNot, untagged, conditions, changedBy }: ProfileFilter): boolean =>
  has.length + hasAny.length + hasNot.length + conditions.length > 0 || untagged || changedBy !== null;
