// Whether a draft is what was published. Imports no server code, so that the builder says it at each change.
import type { FormDocument } from './schema';

/** The order of keys is of no matter: the database keeps one of its own. */
export const isSameDocument = (one: FormDocument, other: FormDocument): boolean => inOrder(one) === inOrder(other);

const inOrder = (document: FormDocument): string =>
  JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
