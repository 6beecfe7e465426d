// Answers that come after the page, or stand beside the rest of it: what is refused is told in their place, and the rest stays.
import { Refusal } from '@/lib/access/refusal';

/** A message is one that a person can act on. */
export type Later<T> = Promise<{ ok: true; value: T } | { ok: false; message: string }>;

/** The answer, or the message of its refusal. Anything else is thrown. */
export async function later<T>(answer: Promise<T>): Later<T> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, message: error.message };
    throw error;
  }
}
