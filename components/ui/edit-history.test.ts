// Every change can be undone and redone; typing in one field without a pause is one step.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHistory, reduceHistory, type History as HistoryOf } from './edit-history';

const STEPS_MAX = 100;
const SOON_MS = 1_500;

type Draft = { name: string };
type History = HistoryOf<Draft>;
const named = (name: string): Draft => ({ name });
const begun = () => startHistory(named(''));

/** A change; without a name it is a step of its own. */
const edit = (history: History, name: string, what: string | null = null, at = 0): History =>
  reduceHistory(history, { type: 'change', change: (draft) => ({ ...draft, name }), what, at });
const undo = (history: History): History => reduceHistory(history, { type: 'undo' });
const redo = (history: History): History => reduceHistory(history, { type: 'redo' });

/** Types the letters of a text with a fixed delay. */
function typed(history: History, text: string, what: string, { from = 0, apart = 200 } = {}): History {
  return [...text].reduce((now, _letter, nth) => edit(now, text.slice(0, nth + 1), what, from + nth * apart), history);
}

/** What each press shows until nothing changes any more, starting with the present. */
function seen(history: History, press: (history: History) => History): Draft[] {
  const next = press(history);
  return next === history ? [history.present] : [history.present, ...seen(next, press)];
}
const names = (drafts: Draft[]) => drafts.map(({ name }) => name);

// ── The model ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** All visible states, the current one, and what was typed last, and when, if typing can continue that step. */
type Model = { states: Draft[]; at: number; typing: { what: string; when: number } | null };
type Action = { do: 'edit' | 'same'; what: string | null; rest: number } | { do: 'undo' | 'redo' };

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('edit' as const, 'edit' as const, 'edit' as const, 'same' as const),
      what: fc.constantFrom(null, 'name', 'text'),
      rest: fc.constantFrom(0, 300, SOON_MS - 1, SOON_MS, 60_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'undo' as const, 'redo' as const) }) },
);

function follow({ states, at, typing }: Model, action: Action, draft: Draft, when: number): Model {
  switch (action.do) {
    case 'same':
      return { states, at, typing };
    case 'undo':
      return at > 0 ? { states, at: at - 1, typing: null } : { states, at, typing };
    case 'redo':
      return at < states.length - 1 ? { states, at: at + 1, typing: null } : { states, at, typing };
    case 'edit': {
      const { what } = action;
      const goesOn = typing !== null && typing.what === what && when - typing.when < SOON_MS;
      const kept = [...states.slice(0, goesOn ? at : at + 1), draft].slice(-(STEPS_MAX + 1));
      return { states: kept, at: kept.length - 1, typing: what === null ? null : { what, when } };
    }
  }
}

// ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('a history', () => {
  it('always shows the same as a list of all states, backwards and forwards', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 40 }), (actions) => {
        let history = begun();
        let model: Model = { states: [history.present], at: 0, typing: null };
        let at = 0;
        for (const [nth, action] of actions.entries()) {
          const draft = named(String(nth));
          if ('rest' in action) {
            at += action.rest;
            const change = action.do === 'edit' ? () => draft : (same: Draft) => same;
            history = reduceHistory(history, { type: 'change', change, what: action.what, at });
          } else {
            history = action.do === 'undo' ? undo(history) : redo(history);
          }
          model = follow(model, action, draft, at);
          const { states, at: here } = model;
          expect(names(seen(history, undo))).toEqual(names(states.slice(0, here + 1).reverse()));
          expect(names(seen(history, redo))).toEqual(names(states.slice(here)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('returns after n undos the identical draft of n changes ago, and by redo the last one', () => {
    const drafts = ['a', 'b', 'c', 'd'].map(named);
    const history = drafts.reduce(
      (now, draft) => reduceHistory(now, { type: 'change', change: () => draft, what: null, at: 0 }),
      startHistory(drafts[0]!),
    );
    const nths = (seenDrafts: Draft[]) => seenDrafts.map((draft) => drafts.indexOf(draft));
    expect(nths(seen(history, undo))).toEqual([3, 2, 1, 0]);
    expect(nths(seen(undo(undo(undo(history))), redo))).toEqual([0, 1, 2, 3]);
  });

  it('drops undone changes when a new change is made', () => {
    const history = edit(undo(undo(edit(edit(edit(begun(), 'a'), 'b'), 'c'))), 'other');
    expect(names(seen(history, undo))).toEqual(['other', 'a', '']);
    expect(redo(history)).toBe(history);
  });

  it('keeps undone changes when nothing changes', () => {
    const undone = undo(edit(begun(), 'a'));
    const same = reduceHistory(undone, { type: 'change', change: (draft) => draft, what: 'name', at: 0 });
    expect(same).toBe(undone);
    expect(redo(same).present.name).toBe('a');
  });

  it(`goes ${STEPS_MAX} steps back`, () => {
    const all = Array.from({ length: STEPS_MAX + 50 }, (_, nth) => String(nth));
    const history = all.reduce((now, name) => edit(now, name), begun());
    const back = seen(history, undo);
    expect(names(back)).toEqual(all.slice(-STEPS_MAX - 1).reverse());
    const oldest = Array.from({ length: STEPS_MAX }).reduce<History>(undo, history);
    expect(names(seen(oldest, redo))).toEqual(all.slice(-STEPS_MAX - 1));
  });
});

describe('typing', () => {
  it('is one step as long as there is no long pause, however long it takes', () => {
    const history = typed(edit(begun(), 'before'), 'a long sentence', 'name', { apart: SOON_MS - 1 });
    expect(names(seen(history, undo))).toEqual(['a long sentence', 'before', '']);
  });

  it('is a new step after a pause', () => {
    const history = edit(typed(begun(), 'ab', 'name', { apart: 100 }), 'abc', 'name', 100 + SOON_MS);
    expect(names(seen(history, undo))).toEqual(['abc', 'ab', '']);
  });

  it('in another field is a new step, and so is returning to the first', () => {
    const history = [
      ['a', 'name'],
      ['b', 'text'],
      ['c', 'name'],
    ].reduce((now, [name, what], nth) => edit(now, name!, what, nth), begun());
    expect(names(seen(history, undo))).toEqual(['c', 'b', 'a', '']);
  });

  it('is a new step after another change, even soon', () => {
    const history = edit(edit(edit(begun(), 'a', 'name', 0), 'moved', null, 1), 'b', 'name', 2);
    expect(names(seen(history, undo))).toEqual(['b', 'moved', 'a', '']);
  });

  it('is a new step after an undo or a redo, even soon', () => {
    const two = edit(typed(begun(), 'ab', 'name'), 'moved', null, 300);
    expect(names(seen(edit(undo(two), 'abc', 'name', 301), undo))).toEqual(['abc', 'ab', '']);
    const again = redo(undo(typed(begun(), 'ab', 'name')));
    expect(names(seen(edit(again, 'abc', 'name', 301), undo))).toEqual(['abc', 'ab', '']);
  });
});
