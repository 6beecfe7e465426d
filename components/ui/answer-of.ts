'use client';
import type { Result } from '@/lib/access/refusal';

/** The answer of a server action; where none comes, that is a refusal too, and the same can be sent again. */
export async function answerOf<Value>(call: Promise<Result<Value>>): Promise<Result<Value>> {
  try {
    return await call;
  } catch {
    const message = 'The server does not answer. Nothing that you entered is lost: try again in a moment.';
    return { ok: false, refusal: { code: 'unavailable', message } };
  }
}
