// From when the next read of changes starts.

/** Clocks differ, and changes appear late: what changed shortly before is read again. Milliseconds. */
const OVERLAP_MS = 5 * 60_000;

/** `began`: when this read began, by the server's clock. As ISO 8601 in UTC. */
export const nextSince = (began: Date): string => new Date(began.getTime() - OVERLAP_MS).toISOString();
