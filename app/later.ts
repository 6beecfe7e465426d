// Answers that stream in after the page: a refusal is shown in their place, and the rest of the page stays.
import type { Result } from '@/lib/access/refusal';

/** A message is one that a person can act on. */
export type Later<T> = Promise<{ ok: true; value: T } | { ok: false; message: string }>;

/** The answer, or the message of its refusal. Anything else is thrown. */
export async function later<T>(answer: Promise<Result<T>>): Later<T> {
  const result = await answer;
  return result.ok ? result : { ok: false, message: result.refusal.message };
}
