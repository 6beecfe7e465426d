// Passes errors that Next catches in pages, server actions and data routes to the process's log. Next has its own copy of our
// modules, so the two sides share globalThis.
import type { Instrumentation } from 'next';

type Report = Instrumentation.onRequestError;
const shared = globalThis as typeof globalThis & { tagwellRequestErrors?: Report };

/** Sets the handler of such errors. */
export function onRequestErrors(report: Report): void {
  shared.tagwellRequestErrors = report;
}

/** Reports an error; called by Next (instrumentation.ts). */
export const reportRequestError: Report = (...error) => shared.tagwellRequestErrors?.(...error);
