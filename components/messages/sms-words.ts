// What is said of the text of an SMS, where it is written and before it is sent.

export const EMPTY_FOR_SOME =
  'For some people it is empty: write something outside of the parts for some, or what the others get.';

const SHOWN = 3;

/** Addresses that are sent as they stand. */
export const uncountedWords = (addresses: readonly string[]): string =>
  `${addresses.slice(0, SHOWN).join(', ')}${addresses.length > SHOWN ? ' …' : ''}: sent as it stands, and not counted. Put a blank behind an address. A value can stand in its path or behind its ?, without words for those who have none.`;
