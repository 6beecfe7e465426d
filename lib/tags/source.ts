// Where a tag change came from. Stored as a small integer in the ledger permanently: never renumber.
export const SOURCES = {
  user: 1,
  bulk: 2,
  import: 3,
  form: 4,
  flow: 5,
  integration: 6,
  api: 7,
  merge: 8,
  undo: 9,
  erasure: 10,
} as const;

export type Source = keyof typeof SOURCES;

const NAMES: Record<Source, string> = {
  user: 'By hand',
  bulk: 'Bulk change',
  import: 'Import',
  form: 'Form',
  flow: 'Flow',
  integration: 'Integration',
  api: 'API',
  merge: 'Merge',
  undo: 'Undo',
  erasure: 'Erasure',
};

/** The source for a number of the ledger. Throws for a number that no version has written. */
export function sourceOf(code: number): Source {
  const found = Object.entries(SOURCES).find(([, value]) => value === code);
  if (!found) throw new Error(`The ledger holds an unknown source: ${code}`);
  return found[0] as Source;
}

/** Where a change came from, for a person: 'Import by Mia · leads.csv', 'API: Web shop'. */
export function sourceInWords({
  source,
  by,
  through,
}: {
  source: Source;
  by: string | null;
  through: string | null;
}): string {
  if (source === 'api' && through) return `${NAMES.api}: ${through}`;
  return `${NAMES[source]}${by ? ` by ${by}` : ''}${through ? ` · ${through}` : ''}`;
}

/** The name of a source, for a person. */
export function sourceName(source: Source): string {
  return NAMES[source];
}
