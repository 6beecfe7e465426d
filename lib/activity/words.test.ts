import { describe, expect, it } from 'vitest';
import { toneOf } from '@/components/operations/tone';
import { kindNamed } from '@/lib/work/kind';
import { OPERATION_KINDS } from './kinds';
import { countsInWords, isPartial, phaseInWords, undoneInWords } from './words';

const words = (kind: string) => kindNamed(OPERATION_KINDS, kind).words;

describe('the colour of an operation', () => {
  it.each([
    ['import', { created: 5 }, 'success'],
    ['import', { created: 3, rejected: 2 }, 'warning'],
    ['undo', { undone: 3, kept: 1 }, 'warning'],
    ['import', { rejected: 0 }, 'success'],
  ])('%s that ended with %j is %s', (kind, counts, tone) => {
    expect(toneOf({ status: 'done', partial: isPartial(words(kind), counts) })).toBe(tone);
  });

  it('that failed stays red', () => {
    expect(toneOf({ status: 'failed', partial: true })).toBe('danger');
  });
});

describe('what has become of an operation by its undo', () => {
  it.each([
    [{ undone: 5, kept: 0 }, false, 'Undone'],
    [{ undone: 3, kept: 1, impossible: 1 }, false, 'Undone for 3 of 5'],
    [{ undone: 0, kept: 1 }, false, 'Nothing undone'],
    [{}, false, 'Nothing undone'],
    [{ undone: 2, profilesRemoved: 1, profilesKept: 1 }, false, 'Partly undone'],
    [{ profilesRestored: 1_000, profilesKept: 500 }, false, 'Undone for 1,000 of 1,500'],
    [{ undone: 3, kept: 2 }, true, 'Redone for 3 of 5'],
    [{ profilesGone: 2 }, true, 'Nothing redone'],
  ])('%j, redo: %s: %s', (counts, isUndo, words) => {
    expect(undoneInWords({ lastUndo: { status: 'done', counts }, isUndo })).toBe(words);
  });

  it('is not called undone before it is', () => {
    expect(undoneInWords({ lastUndo: { status: 'running', counts: {} }, isUndo: false })).toBe('Being undone');
    expect(undoneInWords({ lastUndo: null, isUndo: false })).toBeNull();
  });
});

describe('an operation in words', () => {
  it('lists each non-zero count, in the order of its kind', () => {
    expect(countsInWords(words('bulk_tag'), { applied: 1, removed: 0, profiles: 1_200 })).toBe(
      '1,200 profiles processed · 1 tag applied',
    );
    expect(countsInWords(words('bulk_tag'), { applied: 0 })).toBe('Nothing needed to change.');
    expect(countsInWords(words('merge_tag'), {})).toBe('Merged. Nobody had the tag.');
  });

  it('names the phase of an import, and nothing for kinds without phases', () => {
    expect([0, 1, 2, 3].map((phase) => phaseInWords(words('import'), phase))).toEqual([
      ...['Reading the file', 'Comparing the rows', 'Importing', 'Importing'],
    ]);
    expect(phaseInWords(words('dry_run'), 2)).toBe('Trying out');
    expect(phaseInWords(words('undo'), 1)).toBeNull();
  });
});
