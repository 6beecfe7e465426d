// Persons that changed (crm-apis §5.6). Deletions do not show here: who is gone is missing from the next read of a list.
import type { ChangedEnd, ContactRecord } from '../connector';
import { EachOnce } from '../each-once';
import { cursorAfter, sinceIn } from '../since';
import { idOf, type Client } from './client';
import { contactsOf, personQuery, personsById, type Reading } from './contacts';
import { CONTACTS, PERSONS } from './fields';

/** Persons changed since a cursor, or all. A change of the business address is one of the relationship, not of the person. */
export async function* readChanged(
  client: Client,
  cursor: string | null,
  reading: Reading,
): AsyncGenerator<ContactRecord[], ChangedEnd, void> {
  const asked = [reading.settings.addresses, ...reading.sources.map(({ name }) => name)];
  const since = cursor === null ? null : sinceIn(cursor, asked);
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
  return { nextCursor: cursorAfter(began, asked), deletedIds: [] };
}
