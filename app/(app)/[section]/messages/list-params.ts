// What the address of the list says.
import { createLoader, createParser, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { MESSAGE_FILTERS, MESSAGE_ORDERS } from '@/lib/messages/queries';
import { sortInAddress, type ListSort } from './list-sort';

const NEWEST: ListSort = { order: 'changed', ascending: false };

/** Such as `opened`, or `opened-up` for the least first. */
const parseAsSort = createParser<ListSort>({
  parse: (text) => {
    const [name, direction] = text.split('-');
    const order = MESSAGE_ORDERS.find((each) => each === name);
    return order === undefined ? null : { order, ascending: direction === 'up' && order !== 'changed' };
  },
  serialize: sortInAddress,
});

const PARAMS = {
  show: parseAsStringLiteral(MESSAGE_FILTERS).withDefault('all'),
  q: parseAsString.withDefault(''),
  /** Where the page begins: the last change and the id of the message before it. */
  before: parseAsString,
  sort: parseAsSort.withDefault(NEWEST),
  /** Of other orders than by change. */
  page: parseAsInteger.withDefault(1),
};

export const loadListParams = createLoader(PARAMS);

/** The place of a message in the list, for the address. */
export const placeInAddress = ({ changedAt, id }: { changedAt: Date; id: number }): string =>
  `${changedAt.getTime()}-${id}`;

/** Null for what is no place. */
export function readPlace(text: string | null): { at: Date; id: number } | undefined {
  const found = /^(\d{1,15})-(\d{1,10})$/.exec(text ?? '');
  return found ? { at: new Date(Number(found[1])), id: Number(found[2]) } : undefined;
}
