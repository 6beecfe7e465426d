// A saved view as the address that opens it, and the state of the list as a saved view.
import { createSerializer, parseAsInteger } from 'nuqs/server';
import type { ViewState } from '@/lib/profiles/saved-view';
import type { Sort } from '@/lib/profiles/sort-schema';
import { viewParsers } from './list-params';
import type { FilterParams } from './search-params';

type Params = FilterParams & { sort: Sort; cols: string[] | null; compact: boolean };

export function paramsOf({ filter, sort, columns, compact }: ViewState): Params {
  return {
    q: filter.search,
    has: filter.has,
    any: filter.hasAny,
    not: filter.hasNot,
    untagged: filter.untagged,
    where: filter.conditions,
    by: filter.changedBy?.operationId ?? null,
    did: filter.changedBy?.effect ?? null,
    sort,
    cols: columns,
    compact,
  };
}

const serialize = createSerializer({ ...viewParsers, view: parseAsInteger });

/** The address of a view, below the list's. */
export const addressOf = (path: string, view: { id: number; state: ViewState }): string =>
  serialize(path, { ...paramsOf(view.state), view: view.id });

/** Whether two states of the list ask for the same. */
export const isSameView = (left: ViewState, right: ViewState): boolean =>
  serialize('', paramsOf(left)) === serialize('', paramsOf(right));
