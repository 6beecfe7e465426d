// Contacts that changed, by the time of the last change in the database's zone (crm-apis §6.8 [I]). Deletions do not show.
import type { ChangedEnd, ContactRecord } from '../connector';
import { cursorAfter, sinceIn } from '../since';
import { inZone } from '../zoned-time';
import type { Client } from './client';
import { contactsOf, type Reading } from './contacts';
import { keyset } from './lists';

/** `now`: by the server's clock. `changedField`: the column with the time. */
export async function* readChanged(
  client: Client,
  cursor: string | null,
  reading: Reading,
  changedField: string,
  now: Date,
): AsyncGenerator<ContactRecord[], ChangedEnd, void> {
  const { contactTable, contactKey, beforeFirstKey } = reading.names;
  const asked = reading.fields.map(({ name }) => name);
  const since = cursor === null ? [] : [inZone(new Date(sinceIn(cursor, asked)), reading.zone)];
  const changed = since.length > 0 ? ` and ${changedField} >= :p2` : '';
  const sql = `select ${contactKey} from ${contactTable} where ${contactKey} > :p1${changed}`;
  for await (const rows of keyset(client, sql, contactKey, beforeFirstKey, reading.pageSize, ...since)) {
    yield await contactsOf(client, rows, reading);
  }
  return { nextCursor: cursorAfter(now, asked), deletedIds: [] };
}
