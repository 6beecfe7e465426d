// One request id per intent: an action with its input.

type Intent = { action: unknown; fingerprint: string; requestId: string };

/**
 * Generates request ids. The same action with the same input keeps its id until `settle` reports success: if no answer arrived it
 * may have been done, and the same id has no second effect. A refusal does not use up the id, because nothing of it is stored.
 * Other input is a new intent, and so is the earlier input after that.
 */
export function requestIds(newId: () => string = randomId) {
  let open: Intent | null = null;
  return (action: unknown, input: unknown): { requestId: string; settle: () => void } => {
    const fingerprint = JSON.stringify(input);
    const same = open !== null && open.action === action && open.fingerprint === fingerprint ? open : null;
    const intent = same ?? { action, fingerprint, requestId: newId() };
    open = intent;
    return {
      requestId: intent.requestId,
      settle: () => {
        if (open === intent) open = null;
      },
    };
  };
}

/** Browsers have `randomUUID` over HTTPS and on the own machine only. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
