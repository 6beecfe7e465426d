// From when the next read of changes starts, and the cursors that say so.
import { z } from 'zod';
import { CrmError } from './crm-error';
import { jsonIn } from './signature';

/** Clocks differ, and changes appear late: what changed shortly before is read again. Milliseconds. */
const OVERLAP_MS = 5 * 60_000;

/** `began`: when this read began, by the server's clock. As ISO 8601 in UTC. */
export const nextSince = (began: Date): string => new Date(began.getTime() - OVERLAP_MS).toISOString();

const Cursor = z.object({ since: z.iso.datetime(), asked: z.array(z.string()) });

/** The cursor after a read that began then. `asked`: what of each contact was asked for, such as its fields. */
export const cursorAfter = (began: Date, asked: readonly string[]): string =>
  JSON.stringify({ since: nextSince(began), asked });

/** From when to read. Throws `cursor_expired` if something else is asked for now. */
export function sinceIn(cursor: string, asked: readonly string[]): string {
  const parsed = Cursor.safeParse(jsonIn(cursor));
  if (parsed.success && parsed.data.asked.join() === asked.join()) return parsed.data.since;
  throw new CrmError('cursor_expired', 'Other fields are read than before, so all contacts must be read again.');
}
