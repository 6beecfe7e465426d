// Answers of slow reads, kept in this process for a moment: many people open Home in the same minute.
const KEPT_MS = 30_000;
/** Sections whose answers are kept at once; the oldest go first. */
const MOST = 500;

export type Remembered<Answer> = (key: number, ask: () => Promise<Answer>, now?: number) => Promise<Answer>;

/** A memory by key. Failures are not kept, and each caller who finds nothing asks for themselves: one who leaves cancels only their own. */
export function remembered<Answer>(): Remembered<Answer> {
  const kept = new Map<number, { at: number; answer: Answer }>();
  return async (key, ask, now = Date.now()) => {
    const known = kept.get(key);
    if (known && now - known.at < KEPT_MS) return known.answer;
    const answer = await ask();
    kept.delete(key);
    kept.set(key, { at: now, answer });
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST) break;
      kept.delete(oldest);
    }
    return answer;
  };
}
