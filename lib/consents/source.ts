// Where a change of a consent came from: the sources of tag changes, and the person themself.
import { SOURCES, sourceInWords as tagSourceInWords, type Source } from '@/lib/tags/source';

/** Stored as a small integer in the history permanently: never renumber. */
export const CONSENT_SOURCES = { ...SOURCES, person: 30 } as const;

export type ConsentSource = Source | 'person';

/** Where a change came from, for a person: 'By hand by Mia', 'By the person', 'API: Web shop'. */
export function consentSourceInWords(code: number, of: { by: string | null; through: string | null }): string {
  if (code === CONSENT_SOURCES.person) return 'By the person';
  const found = Object.entries(SOURCES).find(([, value]) => value === code);
  if (!found) throw new Error(`The history of consents holds an unknown source: ${code}`);
  return tagSourceInWords({ source: found[0] as Source, ...of });
}
