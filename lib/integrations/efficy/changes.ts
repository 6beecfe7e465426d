// Contacts that changed, by the time of the last change in the database's zone (crm-apis §6.8 [I]). Deletions do not show.
import { z } from 'zod';
import type { ChangedEnd, ContactRecord } from '../connector';
import { CrmError } from '../crm-error';
import { jsonIn } from '../signature';
import { nextSince } from '../since';
import { inZone } from '../zoned-time';
import type { Client } from './client';
import { contactsOf, type Reading } from './contacts';
import { keyset } from './lists';

/** A cursor belongs to its fields. */
const Cursor = z.object({ fields: z.string(), since: z.iso.datetime() });

/** `now`: by the server's clock. `changedField`: the column with the time. */
export async function* readChanged(
  client: Client,
  cursor: string | null,
  reading: Reading,
  changedField: string,
  now: Date,
): AsyncGenerator<ContactRecord[], ChangedEnd, void> {
  const { contactTable, contactKey, beforeFirstKey } = reading.names;
  const fields = JSON.stringify(reading.fields.map(({ name }) => name));
  const stored = cursor === null ? null : Cursor.safeParse(jsonIn(cursor));
  if (stored && (!stored.success || stored.data.fields !== fields)) {
    throw new CrmError('cursor_expired', 'Other fields are read than before, so all contacts must be read again.');
  }
  const since = stored ? [inZone(new Date(stored.data.since), reading.zone)] : [];
  const changed = since.length > 0 ? ` and ${changedField} >= :p2` : '';
  const sql = `select ${contactKey} from ${contactTable} where ${contactKey} > :p1${changed}`;
  for await (const rows of keyset(client, sql, contactKey, beforeFirstKey, reading.pageSize, ...since)) {
    yield await contactsOf(client, rows, reading);
  }
  const next = nextSince(now);
  return { nextCursor: JSON.stringify({ fields, since: next }), deletedIds: [] };
}
