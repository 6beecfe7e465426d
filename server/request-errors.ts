// Errors that Next catches in pages, server actions and data routes reach the log of the process. Next has a copy of our modules of its
// own, so the two meet on globalThis.
import type { Instrumentation } from 'next';

type Report = Instrumentation.onRequestError;
const shared = globalThis as typeof globalThis & { tagwellRequestErrors?: Report };

/** Whom to tell of such errors. */
export function onRequestErrors(report: Report): void {
  shared.tagwellRequestErrors = report;
}

/** Tells of an error; Next calls it (instrumentation.ts). */
export const reportRequestError: Report = (...error) => shared.tagwellRequestErrors?.(...error);
