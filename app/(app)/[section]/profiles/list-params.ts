// How the list shows profiles, in the URL beside the filter: order, columns, density, and where the page begins.
import { createLoader, createParser, parseAsArrayOf, parseAsBoolean, parseAsInteger, parseAsString } from 'nuqs/server';
import { NEWEST_FIRST, PlaceSchema, type Place, type Sort } from '@/lib/profiles/sort-schema';
import { filterParsers } from './search-params';

/** `-added`, `attribute:city`. */
export const parseAsSort = createParser<Sort>({
  parse: (text) => {
    const by = text.replace(/^-/, '');
    return by === '' || by.length > 60 ? null : { by, descending: text.startsWith('-') };
  },
  serialize: ({ by, descending }) => `${descending ? '-' : ''}${by}`,
  eq: (left, right) => left.by === right.by && left.descending === right.descending,
});

/** `17` or, where the order is not by id, `17~lindberg`. */
const parseAsPlace = createParser<Place>({
  parse: (text) => {
    const at = text.indexOf('~');
    const [id, value] = at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    return PlaceSchema.safeParse({ id, value }).data ?? null;
  },
  serialize: ({ id, value }) => (value === null ? String(id) : `${id}~${value}`),
  eq: (left, right) => left.id === right.id && left.value === right.value,
});

export const viewParsers = {
  ...filterParsers,
  sort: parseAsSort.withDefault(NEWEST_FIRST),
  /** Ids of columns; none: the usual ones. */
  cols: parseAsArrayOf(parseAsString),
  compact: parseAsBoolean.withDefault(false),
};

export const listParsers = {
  ...viewParsers,
  /** The saved view that was opened. */
  view: parseAsInteger,
  before: parseAsPlace,
  after: parseAsPlace,
  /** How many profiles come before the page, to be shown. */
  from: parseAsInteger.withDefault(0),
};

export const loadList = createLoader(listParsers);

/** The beginning of the list. */
export const FIRST_PAGE = { before: null, after: null, from: null };
