// The counts and phases of an operation in words.
import type { OperationWords } from '@/lib/work/kind';

type Counts = Record<string, number>;

/** '1,200 tags applied · 3 already there'. Zeros are left out, unless all are zero. */
export function countsInWords(
  { counts: shown, none = 'Nothing needed to change.' }: OperationWords,
  counts: Counts,
): string {
  const words = shown.filter(([key]) => has(counts, key)).map(([key, text]) => inWords(counts[key] ?? 0, text));
  return words.length > 0 ? words.join(' · ') : none;
}

/** Whether some of what was requested was not done. */
export function isPartial({ left = [] }: OperationWords, counts: Counts): boolean {
  return left.some((key) => has(counts, key));
}

/** The words for its phase; null if the kind has no phases. */
export function phaseInWords({ phases = [] }: OperationWords, phase: number): string | null {
  return phases[phase] ?? phases.at(-1) ?? null;
}

const has = (counts: Counts, key: string) => (counts[key] ?? 0) > 0;

function inWords(count: number, text: string): string {
  const words =
    count === 1 ? text.replace(/profiles|pairs|values|tags|changes|keys/, (many) => many.slice(0, -1)) : text;
  return `${count.toLocaleString('en-GB')} ${words}`;
}
