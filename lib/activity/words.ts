// The counts and phases of an operation in words.
import type { OperationWords } from '@/lib/work/kind';
import type { OperationState } from '@/lib/work/queries';
import { UNDO_EFFECTS } from '@/lib/work/schema';

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

/** Whether an undo or a redo with these counts changed something. */
export const changedSomething = (counts: Counts): boolean => UNDO_EFFECTS.some((key) => has(counts, key));

const OF_PROFILES = {
  done: ['profilesRemoved', 'profilesRestored', 'profilesCreated'],
  left: ['profilesKept', 'profilesGone'],
} as const;
const OF_TAGS = { done: ['undone'], left: ['kept', 'impossible'] } as const;
const OF_CONSENTS = { done: ['consentsRestored'], left: ['consentsKept'] } as const;

/**
 * What has become of an operation by its last undo, or of an undo by its redo: 'Undone', 'Undone for 3 of 5', 'Nothing
 * undone'. Null without an undo.
 */
export function undoneInWords({
  lastUndo: last,
  isUndo,
}: Pick<OperationState, 'lastUndo'> & { isUndo: boolean }): string | null {
  if (last === null) return null;
  const done = isUndo ? 'redone' : 'undone';
  const capital = isUndo ? 'Redone' : 'Undone';
  if (last.status !== 'done') return `Being ${done}`;
  if (!changedSomething(last.counts)) return `Nothing ${done}`;
  const sum = (keys: readonly string[]) => keys.reduce((total, key) => total + (last.counts[key] ?? 0), 0);
  const parts = [OF_PROFILES, OF_TAGS, OF_CONSENTS]
    .map((part) => ({ done: sum(part.done), left: sum(part.left) }))
    .filter((part) => part.done + part.left > 0);
  if (parts.every(({ left }) => left === 0)) return capital;
  const [only, other] = parts;
  if (!only || other) return `Partly ${done}`;
  return `${capital} for ${only.done.toLocaleString('en-GB')} of ${(only.done + only.left).toLocaleString('en-GB')}`;
}

/** The words for its phase; null if the kind has no phases. */
export function phaseInWords({ phases = [] }: OperationWords, phase: number): string | null {
  return phases[phase] ?? phases.at(-1) ?? null;
}

const has = (counts: Counts, key: string) => (counts[key] ?? 0) > 0;

function inWords(count: number, text: string): string {
  const words =
    count === 1
      ? text.replace(/profiles|pairs|values|removals|tags|consents|changes|keys/, (many) => many.slice(0, -1))
      : text;
  return `${count.toLocaleString('en-GB')} ${words}`;
}
