'use client';
// Sends commands from a form or a button: the refusal, whether one is pending, and one request id per intent, so that sending twice
// takes effect once.
import { useCallback, useRef, useState, type FormEvent } from 'react';
import type { RefusalData, Result } from '@/lib/access/refusal';
import { answerOf } from './answer-of';
import { withDeadline } from './with-deadline';
import { requestIds } from './request-ids';
import { useShownProblem } from './use-shown-problem';

/** A server action that runs a command. Repeating a request id returns the first answer and changes nothing. */
export type SubmitAction<Value> = (input: unknown, requestId: string) => Promise<Result<Value>>;

export type Submission = {
  refusal: RefusalData | null;
  pending: boolean;
  /**
   * Sends the input and returns the result; a refusal stays in `refusal` until the next send. `about`: identifies the intent
   * together with the input.
   */
  send: <Value>(action: SubmitAction<Value>, input: unknown, about?: unknown) => Promise<Result<Value>>;
  /** For a form's `onSubmit`: sends the input, and calls `done` with the value. */
  submit: <Value>(
    action: SubmitAction<Value>,
    input: unknown,
    done: (value: Value) => void,
  ) => (event: FormEvent) => void;
  /** Ref of the form, unless it uses `submit`: after a refusal its first field with an error is focused. */
  form: (element: HTMLElement | null) => void;
  /** Sets or clears the refusal. */
  setRefusal: (refusal: RefusalData | null) => void;
};

/** `leaves`: success navigates away; it stays `pending` until then, so that nothing can be sent again. */
export function useSubmission({ leaves = false }: { leaves?: boolean } = {}): Submission {
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const [idFor] = useState(() => requestIds());
  const shown = useRef<HTMLElement | null>(null);
  const form = useCallback((element: HTMLElement | null) => {
    shown.current = element;
  }, []);
  useShownProblem(shown, refusal);

  async function send<Value>(action: SubmitAction<Value>, input: unknown, about?: unknown): Promise<Result<Value>> {
    setPending(true);
    const { requestId, settle } = idFor(action, [input, about]);
    const result = await answerOf(withDeadline(action(input, requestId)));
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
      shown.current = event.currentTarget as HTMLElement;
      void send(action, input).then((result) => result.ok && done(result.value));
    },
    form,
    setRefusal,
  };
}
