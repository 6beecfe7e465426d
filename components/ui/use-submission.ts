'use client';
// Sends commands from a form or a button: what was refused, whether one is under way, and one request id for each intent,
// so that sending twice has one effect.
import { useState, type FormEvent } from 'react';
import type { RefusalData, Result } from '@/lib/access/refusal';
import { answerOf } from './answer-of';
import { inTime } from './in-time';
import { requestIds } from './request-ids';

/** A server action that runs a command. The same request id again gives the first answer and changes nothing. */
export type SubmitAction<Value> = (input: unknown, requestId: string) => Promise<Result<Value>>;

export type Submission = {
  refusal: RefusalData | null;
  pending: boolean;
  /**
   * Sends the input, and answers; a refusal is kept in `refusal` until the next one is sent. `about`: what belongs to the intent
   * beside the input.
   */
  send: <Value>(action: SubmitAction<Value>, input: unknown, about?: unknown) => Promise<Result<Value>>;
  /** For a form's `onSubmit`: sends the input, and calls `done` with the answer. */
  submit: <Value>(
    action: SubmitAction<Value>,
    input: unknown,
    done: (value: Value) => void,
  ) => (event: FormEvent) => void;
  /** Puts a refusal there, or takes the last one away. */
  setRefusal: (refusal: RefusalData | null) => void;
};

/** `leaves`: success leads away from here; it stays `pending` until then, so that nothing can be sent again. */
export function useSubmission({ leaves = false }: { leaves?: boolean } = {}): Submission {
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const [idFor] = useState(() => requestIds());

  async function send<Value>(action: SubmitAction<Value>, input: unknown, about?: unknown): Promise<Result<Value>> {
    setPending(true);
    const { requestId, settle } = idFor(action, [input, about]);
    const result = await answerOf(inTime(action(input, requestId)));
    if (result.ok) settle();
    setRefusal(result.ok ? null : result.refusal);
    if (!result.ok || !leaves) setPending(false);
    return result;
  }

  return {
    refusal,
    pending,
    send,
    submit: (action, input, done) => (event) => {
      event.preventDefault();
      void send(action, input).then((result) => result.ok && done(result.value));
    },
    setRefusal,
  };
}
