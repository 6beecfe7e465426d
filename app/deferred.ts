// Results that stream in after the page: a refusal is shown in their place, and the rest of the page stays.
import type { Result } from '@/lib/access/refusal';

/** `message` is one that a person can act on. */
export type Deferred<T> = Promise<{ ok: true; value: T } | { ok: false; message: string }>;

/** The value, or the message of a refusal. Other errors are thrown. */
export async function deferred<T>(answer: Promise<Result<T>>): Deferred<T> {
  const result = await answer;
  return result.ok ? result : { ok: false, message: result.refusal.message };
}
