// What is known to be wrong with the database at the moment, in words for the people who wait for it.

export const DISK_FULL =
  'The disk is full, so nothing can be saved. Free some space on the server; Tagwell then continues by itself.';
export const NOT_RESPONDING = 'The database is not responding. Try again in a few seconds.';

/** Whether a line of a program's log says that the disk is full. */
export const isDiskFull = (line: string): boolean => /no space left on device/i.test(line);

const shared = globalThis as typeof globalThis & { tagwellDatabaseProblem?: string };

/** Why the embedded database is not there at the moment, or undefined. Shared by all copies of this file in a process. */
export const databaseProblem = (): string | undefined => shared.tagwellDatabaseProblem;

/** Set by the supervisor of the embedded database; undefined while the database is healthy. */
export function setDatabaseProblem(problem: string | undefined): void {
  shared.tagwellDatabaseProblem = problem;
}

/** Connection lost, out of resources, shutting down, a lock or a deadlock that several attempts met, a disk that fails. */
const UNAVAILABLE = /^(08|53|57P|55000$|55P03$|40001$|40P01$|58)/;
const CONNECTION = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
];
/** What the driver says, without a code, of a connection that broke before or while it was used. */
const BROKEN =
  /timeout exceeded|Connection terminated|not queryable|connection error|Client was closed|server closed the connection/i;

/** What to tell people about an error whose cause is that the database cannot do its work now; null: it is another error. */
export function unavailableReason(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === '53100' || code === 'ENOSPC') return DISK_FULL;
  // A refused connection of some other kind (a webhook's, the identity provider's) is caught where it is made.
  const down = UNAVAILABLE.test(code) || CONNECTION.includes(code) || BROKEN.test(error.message);
  return down ? (databaseProblem() ?? NOT_RESPONDING) : null;
}

/** Whether an error is about a text with a NUL character in it, which PostgreSQL cannot hold. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['22021', '22P05'].includes(String(error.code));
}
