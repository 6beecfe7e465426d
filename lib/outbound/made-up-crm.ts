// The made-up CRM of a demo installation: one name that leads to one port of this machine, and only while it runs there. Every other
// address of this machine stays closed.

/** What its connections enter, before the path. A name ending in .localhost never leaves the machine (RFC 6761). */
export const MADE_UP_ORIGIN = 'http://made-up-crm.localhost';

/** Where it runs. `apiKey`: lets connections in. */
export type MadeUpCrm = { port: number; apiKey: string };

/** The server starts it, and pages ask for it: each has its own modules. */
const shared = globalThis as typeof globalThis & { tagwellMadeUpCrm?: MadeUpCrm };

/** Null: it does not run, as everywhere but in a demo installation. */
export const madeUpCrm = (): MadeUpCrm | null => shared.tagwellMadeUpCrm ?? null;

export function announceMadeUpCrm(running: MadeUpCrm | null): void {
  shared.tagwellMadeUpCrm = running ?? undefined;
}

/** Whether an address belongs to the made-up CRM. */
export const isMadeUp = (url: string): boolean => URL.canParse(url) && new URL(url).origin === MADE_UP_ORIGIN;
