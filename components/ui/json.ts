'use client';
// Fetches a section's JSON from the server; throws a refusal with its message.
import type { RefusalData } from '@/lib/access/refusal';
import { reportSessionEnded, reportSessionActive, SESSION_ENDED } from './session-ended';

export const NOT_RESPONDING = 'The server is not responding. What you entered is not lost: try again in a moment.';

/** No answer, or a refusal; the message is meant for a person. */
export class RefusedError extends Error {
  constructor(readonly refusal: RefusalData) {
    super(refusal.message);
  }
}

export async function getJson<Answer>(address: string, signal?: AbortSignal): Promise<Answer> {
  return read<Answer>(fetch(address, { headers: { accept: 'application/json' }, signal }));
}

/** For queries that are too long for a URL, and for writes. `urgent`: ahead of other queued requests. */
export async function postJson<Answer>(
  address: string,
  body: unknown,
  { signal, urgent }: { signal?: AbortSignal; urgent?: boolean } = {},
): Promise<Answer> {
  return read<Answer>(
    fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
      ...(urgent && { priority: 'high' as const }),
    }),
  );
}

async function read<Answer>(asked: Promise<Response>): Promise<Answer> {
  const response = await asked.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new RefusedError({ code: 'unavailable', message: NOT_RESPONDING });
  });
  if (response.status === 401) {
    reportSessionEnded('page');
    throw new RefusedError({ code: 'not_signed_in', message: SESSION_ENDED });
  }
  reportSessionActive();
  if (response.ok) return (await response.json()) as Answer;
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new RefusedError({ code: 'unavailable', message: message ?? NOT_RESPONDING });
}
