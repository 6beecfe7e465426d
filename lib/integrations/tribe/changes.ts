// Persons that changed (crm-apis §5.6). Deletions do not show here: who is gone is missing from the next read of a list.
import { z } from 'zod';
import type { ChangedEnd, ContactRecord } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { jsonIn } from '../signature';
import { nextSince } from '../since';
import { idOf, type Client } from './client';
import { contactsOf, personQuery, personsById, type Reading } from './contacts';
import { CONTACTS, PERSONS } from './fields';

/** A cursor belongs to its fields. */
const Cursor = z.object({ fields: z.string(), since: z.iso.datetime() });

/** Persons changed since a cursor, or all. A change of the business address is one of the relationship, not of the person. */
export async function* readChanged(
  client: Client,
  cursor: string | null,
  reading: Reading,
): AsyncGenerator<ContactRecord[], ChangedEnd, void> {
  const fields = JSON.stringify([reading.settings.addresses, reading.sources.map(({ name }) => name)]);
  const since = cursor === null ? null : sinceIn(cursor, fields);
  const filter = since === null ? undefined : `(CreationDate ge ${since}) or (LastMutationDate ge ${since})`;
  const once = new EachOnce();
  const rows = client.readRows(PERSONS, { ...personQuery(reading), filter });
  let next = await rows.next();
  for (; !next.done; next = await rows.next()) {
    yield await contactsOf(client, once.fresh(next.value, idOf), reading);
  }
  const { began } = next.value;
  if (filter !== undefined) {
    for await (const related of client.readRows(CONTACTS, { select: ['ID'], expand: ['Person($select=ID)'], filter })) {
      const ids = once.fresh(
        [...new Set(related.flatMap(({ Person: person }) => (person ? [idOf(person)] : [])))],
        (id) => id,
      );
      const persons = await personsById(client, ids, reading);
      if (persons.length > 0) yield await contactsOf(client, persons, reading);
    }
  }
  const from = nextSince(began);
  return { nextCursor: JSON.stringify({ fields, since: from }), deletedIds: [] };
}

function sinceIn(cursor: string, fields: string): string {
  const parsed = Cursor.safeParse(jsonIn(cursor));
  if (parsed.success && parsed.data.fields === fields) return parsed.data.since;
  throw new CrmError('cursor_expired', 'Other fields are read than before, so all contacts must be read again.');
}
