// A draft with its undo and redo history.
import type { Draft } from './draft';

export type History = { past: Draft[]; present: Draft; future: Draft[]; merging: { what: string; at: number } | null };

export type HistoryAction =
  /** `what`: successive changes with the same label, such as letters of a text, are one step. */
  | { type: 'change'; change: (draft: Draft) => Draft; what: string | null; at: number }
  | { type: 'undo' }
  | { type: 'redo' };

const STEPS_MAX = 100;
const SOON_MS = 1_500;

export const startHistory = (draft: Draft): History => ({ past: [], present: draft, future: [], merging: null });

export function reduceHistory(history: History, action: HistoryAction): History {
  const { past, present, future, merging } = history;
  switch (action.type) {
    case 'change': {
      const next = action.change(present);
      if (next === present) return history;
      const continues = merging !== null && merging.what === action.what && action.at - merging.at < SOON_MS;
      return {
        past: continues ? past : [...past, present].slice(-STEPS_MAX),
        present: next,
        future: [],
        merging: action.what === null ? null : { what: action.what, at: action.at },
      };
    }
    case 'undo': {
      const before = past.at(-1);
      if (!before) return history;
      return { past: past.slice(0, -1), present: before, future: [present, ...future], merging: null };
    }
    case 'redo': {
      const [after, ...later] = future;
      if (!after) return history;
      return { past: [...past, present], present: after, future: later, merging: null };
    }
  }
}
