// One request id for each intent: an action with its input.

type Intent = { action: unknown; asks: string; requestId: string };

/**
 * A source of request ids. The same action with the same input gets the same id until `settle` says that it has succeeded: where
 * no answer came it may have been done, and the same id has no second effect. A refusal uses no id up, because nothing of it is
 * kept. Another input is another intent, and so is the earlier input after it.
 */
export function requestIds(newId: () => string = () => crypto.randomUUID()) {
  let open: Intent | null = null;
  return (action: unknown, input: unknown): { requestId: string; settle: () => void } => {
    const asks = JSON.stringify(input);
    const same = open !== null && open.action === action && open.asks === asks ? open : null;
    const intent = same ?? { action, asks, requestId: newId() };
    open = intent;
    return {
      requestId: intent.requestId,
      settle: () => {
        if (open === intent) open = null;
      },
    };
  };
}
