// What the address of the list says.
import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { MESSAGE_FILTERS } from '@/lib/messages/queries';

const PARAMS = {
  show: parseAsStringLiteral(MESSAGE_FILTERS).withDefault('all'),
  q: parseAsString.withDefault(''),
  /** Where the page begins: the last change and the id of the message before it. */
  before: parseAsString,
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
