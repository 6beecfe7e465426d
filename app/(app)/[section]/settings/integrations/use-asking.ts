'use client';
// Sends what a CRM is asked about before it is kept, in a way that can be given up.
import { useEffect, useRef, useState } from 'react';
import { postJson } from '@/components/ui/json';
import { useSubmission } from '@/components/ui/use-submission';
import type { RefusalData, Result } from '@/lib/access/refusal';

const STOPPED: RefusalData = { code: 'conflict', message: 'Stopped. Nothing was kept.' };

/**
 * A form's submission to `address`. `stop` gives up; leaving the page does too. `stopped`: it was given up, which is no refusal. `leaves`: see
 * `useSubmission`.
 */
export function useAsking<Value>(address: string, { leaves = false }: { leaves?: boolean } = {}) {
  const { refusal, pending, submit, setRefusal } = useSubmission({ leaves });
  const asking = useRef<AbortController | null>(null);
  const stop = () => asking.current?.abort();
  useEffect(() => stop, []);
  // The same function each time: with the same input it is the same intent.
  const [ask] = useState(() => (input: unknown, requestId: string) => {
    const { signal } = (asking.current = new AbortController());
    const answer = postJson<Result<Value>>(address, { ...(input as object), requestId }, { signal });
    return answer.catch((error: unknown): Result<Value> => {
      if (signal.aborted) return { ok: false, refusal: STOPPED };
      throw error;
    });
  });
  const stopped = refusal === STOPPED;
  return {
    refusal: stopped ? null : refusal,
    stopped,
    pending,
    stop,
    setRefusal,
    onSubmit: (input: unknown, done: (value: Value) => void) => submit(ask, input, done),
  };
}
