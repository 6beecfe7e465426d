// Contacts that changed: by change tracking (crm-apis §4.7), and where it is off by the time of the last change.
import { z } from 'zod';
import type { ChangedEnd, ContactRecord } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { jsonIn } from '../signature';
import { nextSince } from '../since';
import { PAGE_SIZE, rowAs, type Client, type Row } from './client';
import { contactsOf, idOf, selectOf, type Reading } from './contacts';

/** A cursor belongs to its columns. */
const Cursor = z.union([
  z.object({ select: z.string(), deltaLink: z.string() }),
  z.object({ select: z.string(), since: z.iso.datetime() }),
]);

const Deleted = z.object({ id: z.string(), reason: z.string().optional(), '@odata.context': z.string() });
const isDeleted = (row: Row) =>
  typeof row['@odata.context'] === 'string' && row['@odata.context'].endsWith('/$deletedEntity');

type Changed = AsyncGenerator<ContactRecord[], ChangedEnd, void>;

/** Contacts changed since a cursor, or all if there is none. `tracked`: whether the table has change tracking. */
export async function* readChanged(
  client: Client,
  cursor: string | null,
  reading: Reading,
  tracked: () => Promise<boolean>,
): Changed {
  const select = selectOf(reading).join(',');
  if (cursor === null) {
    return yield* (await tracked())
      ? byTracking(client, `contacts?$select=${select}`, reading)
      : byTime(client, null, reading);
  }
  const stored = Cursor.safeParse(jsonIn(cursor));
  if (!stored.success || stored.data.select !== select) {
    throw new CrmError('cursor_expired', 'Other fields are read than before, so all contacts must be read again.');
  }
  return yield* 'deltaLink' in stored.data
    ? byTracking(client, stored.data.deltaLink, reading)
    : byTime(client, stored.data.since, reading);
}

async function* byTracking(client: Client, path: string, reading: Reading): Changed {
  const once = new EachOnce();
  const deletedIds: string[] = [];
  let deltaLink: string | undefined;
  for await (const page of client.readPages(path, `odata.track-changes,odata.maxpagesize=${PAGE_SIZE}`)) {
    deltaLink = page['@odata.deltaLink'];
    const deleted = page.value.filter(isDeleted);
    deletedIds.push(...deleted.map((row) => rowAs(Deleted, row).id.toLowerCase()));
    const rows = once.take(
      page.value.filter((row) => !isDeleted(row)),
      (row) => idOf(row, reading.table),
    );
    if (rows.length > 0) yield await contactsOf(client, rows, reading);
  }
  if (deltaLink === undefined) {
    throw new CrmError('incomplete', 'Dynamics did not say where to go on from. The next run tries again.');
  }
  return { nextCursor: JSON.stringify({ select: selectOf(reading).join(','), deltaLink }), deletedIds };
}

/** Deletions do not show: contacts that are gone are missing from the next read of their lists. */
async function* byTime(client: Client, since: string | null, reading: Reading): Changed {
  const once = new EachOnce();
  const select = selectOf(reading).join(',');
  const filter = since === null ? '' : `&$filter=${encodeURIComponent(`modifiedon ge ${since}`)}`;
  let began: Date | undefined;
  for await (const page of client.readPages(
    `contacts?$select=${select},modifiedon${filter}&$orderby=modifiedon,contactid`,
  )) {
    began ??= page.serverTime;
    // A contact that is changed during the read comes a second time. The overlap reads it again.
    const rows = once.fresh(page.value, (row) => idOf(row, reading.table));
    if (rows.length > 0) yield await contactsOf(client, rows, reading);
  }
  const next = nextSince(began ?? new Date());
  return { nextCursor: JSON.stringify({ select, since: next }), deletedIds: [] };
}
