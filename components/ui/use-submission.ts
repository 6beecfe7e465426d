'use client';
// A form that sends one command: what was refused, whether it is under way, and one request id for each intent, so that a
// double submit has one effect.
import { useState, type FormEvent } from 'react';
import type { RefusalData, Result } from '@/lib/access/refusal';
import { answerOf } from './answer-of';

type Submission = {
  refusal: RefusalData | null;
  pending: boolean;
  /** For a form's `onSubmit`: sends, and calls `done` with the answer, or keeps why it was refused. */
  submit: <Value>(
    send: (requestId: string) => Promise<Result<Value>>,
    done: (value: Value) => void,
  ) => (event: FormEvent) => void;
};

export function useSubmission(): Submission {
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  return {
    refusal,
    pending,
    submit: (send, done) => (event) => {
      event.preventDefault();
      setPending(true);
      void answerOf(send(requestId))
        .then((result) => {
          if (result.ok) return done(result.value);
          setRefusal(result.refusal);
          // Where no answer came it may have been done: the same is sent again.
          if (result.refusal.code !== 'unavailable') setRequestId(crypto.randomUUID());
        })
        .finally(() => setPending(false));
    },
  };
}
