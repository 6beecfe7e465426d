// What somebody edits, with its undo and redo history.

export type History<Value> = {
  past: Value[];
  present: Value;
  future: Value[];
  merging: { what: string; at: number } | null;
};

export type HistoryAction<Value> =
  /** `what`: successive changes with the same label, such as letters of a text, are one step. */
  | { type: 'change'; change: (value: Value) => Value; what: string | null; at: number }
  | { type: 'undo' }
  | { type: 'redo' };

const STEPS_MAX = 100;
const SOON_MS = 1_500;

export const startHistory = <Value>(value: Value): History<Value> => ({
  past: [],
  present: value,
  future: [],
  merging: null,
});

export function reduceHistory<Value>(history: History<Value>, action: HistoryAction<Value>): History<Value> {
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
      if (before === undefined) return history;
      return { past: past.slice(0, -1), present: before, future: [present, ...future], merging: null };
    }
    case 'redo': {
      const [after, ...later] = future;
      if (after === undefined) return history;
      return { past: [...past, present], present: after, future: later, merging: null };
    }
  }
}
