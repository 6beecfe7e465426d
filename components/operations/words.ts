// The result of an operation in words.
import type { Tone } from '@/components/ui/display';
import type { OperationStatus, OperationView } from '@/lib/operations/schema';

const IMPORT: [key: string, words: string][] = [
  ['created', 'new'],
  ['updated', 'updated'],
  ['unchanged', 'unchanged'],
  ['skipped', 'left out'],
  ['rejected', 'rejected'],
  ['applied', 'tags applied'],
  ['already', 'already there'],
  ['removed', 'tags removed'],
];

const WORDS: Record<OperationView['kind'], [key: string, words: string][]> = {
  bulk_tag: [
    ['profiles', 'profiles processed'],
    ['applied', 'tags applied'],
    ['removed', 'tags removed'],
  ],
  api_tags: [
    ['profiles', 'profiles processed'],
    ['created', 'new'],
    ['applied', 'tags applied'],
    ['removed', 'tags removed'],
    ['rejected', 'keys rejected'],
  ],
  import: IMPORT,
  dry_run: IMPORT,
  undo: [
    ['undone', 'tag changes undone'],
    ['kept', 'kept because changed since'],
    ['impossible', 'could not be undone'],
    ['profilesRemoved', 'new profiles removed'],
    ['profilesRestored', 'profiles restored'],
    ['profilesKept', 'profiles kept because changed since'],
  ],
  merge_tag: [
    ['applied', 'profiles got the other tag'],
    ['already', 'had it already'],
  ],
};

const IMPORT_PHASES = ['Reading the file', 'Comparing the rows'];

/** What the operation is at, where it does several things one after the other. */
export function phaseInWords({ kind, phase }: Pick<OperationView, 'kind' | 'phase'>): string | null {
  if (kind === 'import') return IMPORT_PHASES[phase] ?? 'Importing';
  return kind === 'dry_run' ? (IMPORT_PHASES[phase] ?? 'Trying out') : null;
}

const TONES: Record<OperationStatus, Tone> = {
  queued: 'info',
  running: 'info',
  done: 'success',
  failed: 'danger',
  cancelled: 'warning',
};

/** Counts of what an operation was asked to do and did not. */
const LEFT = ['rejected', 'kept', 'impossible', 'profilesKept'];

/** Green is only what was done in full. */
export function toneOf({ status, counts }: Pick<OperationView, 'status' | 'counts'>): Tone {
  const left = LEFT.some((key) => (counts[key] ?? 0) > 0);
  return status === 'done' && left ? 'warning' : TONES[status];
}

/** '1,200 tags applied · 3 already there'. Zeros are left out, unless all are. */
export function countsInWords({ kind, counts }: Pick<OperationView, 'kind' | 'counts'>): string {
  const words = WORDS[kind]
    .filter(([key]) => (counts[key] ?? 0) > 0)
    .map(([key, text]) => inWords(counts[key] ?? 0, text));
  return words.length > 0 ? words.join(' · ') : 'Nothing had to change.';
}

function inWords(count: number, text: string): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? text.replace(/profiles|tags|changes|keys/, (many) => many.slice(0, -1)) : text}`;
}
