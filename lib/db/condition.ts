// Known problems of the database at the moment, in words for the people who wait for it.

export const DISK_FULL =
  'The disk is full, so nothing can be saved. Free some space on the server; Tagwell then continues by itself.';
export const NOT_RESPONDING = 'The database is not responding. Try again in a few seconds.';

/** Whether a line of a log says that the disk is full. */
export const isDiskFull = (line: string): boolean => /no space left on device/i.test(line);

const shared = globalThis as typeof globalThis & { tagwellDatabaseProblem?: string };

/**
 * Why the embedded database is unavailable at the moment; undefined if it is healthy. Shared by all copies of this
 * module in a process.
 */
export const databaseProblem = (): string | undefined => shared.tagwellDatabaseProblem;

/** Set by the supervisor of the embedded database; undefined while the database is healthy. */
export function setDatabaseProblem(problem: string | undefined): void {
  shared.tagwellDatabaseProblem = problem;
}

/** Connection lost, out of resources, shutting down, repeated lock conflicts or deadlocks, a failing disk. */
const UNAVAILABLE = /^(08|53|57P|55000$|55P03$|40001$|40P01$|58)/;
const CONNECTION = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
];
/** The driver's messages, without a code, for a connection that broke before or during use. */
const BROKEN =
  /timeout exceeded|Connection terminated|not queryable|connection error|Client was closed|server closed the connection/i;

/** What to tell people about an error, if the database cannot work at the moment; null for any other error. */
export function unavailableReason(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === '53100' || code === 'ENOSPC') return DISK_FULL;
  // Refused connections to other servers (a webhook's receiver, the identity provider) are caught where they are made.
  const down = UNAVAILABLE.test(code) || CONNECTION.includes(code) || BROKEN.test(error.message);
  return down ? (databaseProblem() ?? NOT_RESPONDING) : null;
}

/** Whether an error is about a text with a NUL character, which PostgreSQL cannot store. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['22021', '22P05'].includes(String(error.code));
}
