'use client';
import type { Result } from '@/lib/access/refusal';
import { NOT_RESPONDING, RefusedError } from './json';
import { reportSessionEnded, reportSessionActive } from './session-ended';

/**
 * The result of a server action or JSON write. No answer becomes a refusal, and the same input can be sent again. If the session
 * has ended, the page says so and what to do.
 */
export async function answerOf<Value>(call: Promise<Result<Value>>): Promise<Result<Value>> {
  const result = await call.catch((error: unknown): Result<Value> => ({ ok: false, refusal: refusalOf(error) }));
  if (result.ok) reportSessionActive();
  else if (result.refusal.code === 'not_signed_in') reportSessionEnded('person');
  return result;
}

/**
 * Whether the server has answered, with a value or a refusal. If it has not, do not refresh the page: that would fail
 * as well, and Next would then load the whole page again.
 */
export function hasAnswered(result: Result<unknown>): boolean {
  return result.ok || result.refusal.code !== 'unavailable';
}

/** A server action's read, for `useQuery`: throws a refusal as `RefusedError`. */
export async function readWith<Value>(call: Promise<Result<Value>>): Promise<Value> {
  const result = await answerOf(call);
  if (result.ok) return result.value;
  throw new RefusedError(result.refusal);
}

function refusalOf(error: unknown) {
  return error instanceof RefusedError ? error.refusal : { code: 'unavailable' as const, message: NOT_RESPONDING };
}
