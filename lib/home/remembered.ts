// Answers of slow reads, kept in this process for a moment: many people open Home in the same minute.
const KEPT_MS = 30_000;
/** What was answered faster is asked again each time, so that small sections show what has just been done. */
const SLOW_MS = 200;
/** Sections whose answers are kept at once; the oldest go first. */
const MOST = 500;

export type Remembered<Answer> = (key: number, ask: () => Promise<Answer>) => Promise<Answer>;

/** A memory by key, in milliseconds of `clock`. Failures are not kept, and each caller who finds nothing asks for themselves: one who leaves cancels only their own. */
export function remembered<Answer>(clock: () => number = Date.now): Remembered<Answer> {
  const kept = new Map<number, { at: number; answer: Answer }>();
  return async (key, ask) => {
    const at = clock();
    const known = kept.get(key);
    if (known && at - known.at < KEPT_MS) return known.answer;
    const answer = await ask();
    kept.delete(key);
    if (clock() - at < SLOW_MS) return answer;
    kept.set(key, { at, answer });
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST) break;
      kept.delete(oldest);
    }
    return answer;
  };
}
