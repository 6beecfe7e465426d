// Expected refusals: a small set of stable codes with a message for a person. Anything else is a bug and is thrown.

export const REFUSAL_CODES = [
  'not_signed_in',
  'not_allowed',
  'not_found',
  'invalid',
  'name_taken',
  'hidden',
  'conflict',
  'too_many_requests',
  'too_slow',
  'in_use',
  'locked',
  'unavailable',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A refusal as data for the page, the API or a worker. `field`: the input that the message belongs to. */
export type RefusalData = { code: RefusalCode; message: string; field?: string; details?: unknown };

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: RefusalData };

/** The message for text that the database cannot store. */
export const UNSTORABLE =
  'The text contains a character that cannot be stored (NUL, or half of a character such as an emoji). Remove it and try again.';

/** Thrown in a command or a query to refuse; the caller gets a `Result`. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly field: string | undefined;
  readonly details: unknown;

  constructor({ code, message, field, details }: RefusalData) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.field = field;
    this.details = details;
  }

  /** The plain value, safe to send to a browser. */
  toData(): RefusalData {
    return {
      code: this.code,
      message: this.message,
      ...(this.field !== undefined && { field: this.field }),
      ...(this.details !== undefined && { details: this.details }),
    };
  }
}

/** Refuses: `refuse('hidden', 'This tag has been hidden.', { field: 'tagId' })`. */
export function refuse(code: RefusalCode, message: string, more: { field?: string; details?: unknown } = {}): never {
  throw new Refusal({ code, message, ...more });
}

/** The value of a result. Throws its refusal, for callers that handle all refusals in one place. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refusal(result.refusal);
}

/**
 * A promise's value as a result: a refusal becomes one too, anything else is thrown. For answers that are streamed
 * after the rest of a page.
 */
export async function settled<T>(answer: Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
    throw error;
  }
}
