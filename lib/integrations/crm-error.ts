// Why a call to a CRM, or a read, did not succeed.

/**
 * `credentials`: refused or expired. `permission`: the API user may not. `missing`: no such list or path. `throttled`:
 * still too many calls after all retries. `unreachable`: network, timeouts, 5xx after all retries. `refused`: the CRM
 * found the request wrong. `unreadable`: an answer that is not what was agreed, such as HTML with 200. `incomplete`:
 * pages repeat, or the count does not fit. `too_large`: beyond our limits. `cursor_expired`: all must be read again.
 * `address`: a link that leads elsewhere. `cancelled`: we stopped it.
 */
export type CrmErrorKind =
  | 'credentials'
  | 'permission'
  | 'missing'
  | 'throttled'
  | 'unreachable'
  | 'refused'
  | 'unreadable'
  | 'incomplete'
  | 'too_large'
  | 'cursor_expired'
  | 'address'
  | 'cancelled';

/** A failure whose message is for a person: what is wrong, and what to do. Never contains credentials. */
export class CrmError extends Error {
  readonly kind: CrmErrorKind;
  /** The HTTP status, if there was an answer. */
  readonly status?: number;

  constructor(kind: CrmErrorKind, message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = 'CrmError';
    this.kind = kind;
    this.status = status;
  }
}
