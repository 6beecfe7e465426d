// Answers that come after the page, or stand beside the rest of it: what is refused is said in their place, and the rest stays.
import type { Result } from '@/lib/access/refusal';

/** A message is one that a person can act on. */
export type Later<T> = Promise<{ ok: true; value: T } | { ok: false; message: string }>;

/** The answer, or the message of its refusal. Anything else is thrown. */
export async function later<T>(answer: Promise<Result<T>>): Later<T> {
  const result = await answer;
  return result.ok ? result : { ok: false, message: result.refusal.message };
}
