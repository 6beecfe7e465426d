// What CRMs do with lists and contacts that every connector must understand (crm-apis §8).
import { beforeEach, describe, expect, it } from 'vitest';
import type { ContactRecord } from '@/lib/integrations/connector';
import type { NewContact } from './population';
import { failureOf, openSession, readAll, readChanges, readList, type Subject } from './subject';

export function listMatrix<Settings, Secrets>(subjectNow: () => Subject<Settings, Secrets>): void {
  let subject: Subject<Settings, Secrets>;
  beforeEach(() => {
    subject = subjectNow();
  });

  const session = () => openSession(subject).session;
  const list = (name: string, contacts: readonly string[] = []) => {
    const id = subject.world.addList(name, contacts);
    return { id, externalId: subject.listOf(id) };
  };

  describe('a list', () => {
    it('that is empty is read as empty', async () => {
      const { externalId } = list('Nobody');
      expect(await readAll(session(), externalId)).toMatchObject({ contacts: [], end: { seen: 0, skipped: 0 } });
    });

    it('keeps its id when it is renamed', async () => {
      const { id, externalId } = list('Before');
      subject.world.renameList(id, 'After');
      expect(await session().findList(externalId)).toMatchObject({ externalId, name: 'After' });
    });

    it('that is switched off says so', async () => {
      if (!subject.deactivates) return;
      const { id, externalId } = list('Off');
      subject.world.deactivateList(id);
      expect(await session().findList(externalId)).toMatchObject({ active: false });
    });

    it('that is deleted is gone, is never read as empty, and comes back when it is restored', async () => {
      const { id, externalId } = list('Deleted', [subject.world.addContact()]);
      const before = await session().findList(externalId);
      subject.world.deleteList(id);
      expect(await session().findList(externalId)).toBeNull();
      const { lists, complete } = await session().listLists();
      expect(complete).toBe(true);
      expect(lists.map((item) => item.externalId)).not.toContain(externalId);
      expect(await failureOf(readList(session(), before!), subject.secrets)).toMatchObject({ kind: 'missing' });
      subject.world.restoreList(id);
      expect(await session().findList(externalId)).toMatchObject({ name: 'Deleted' });
      expect((await readAll(session(), externalId)).ids).toHaveLength(1);
    });

    it('is known by its id, whatever its name', async () => {
      const names = ['Same', 'Same', 'a/b?c=d&e', '🎉 Party', 'x'.repeat(300), 'Trailing ', `O'Brien "quoted"`];
      const made = names.map((name) => ({ name, ...list(name) }));
      const { lists } = await session().listLists();
      for (const { name, externalId } of made) {
        expect(lists.filter((item) => item.externalId === externalId).map((item) => item.name)).toEqual([name]);
        expect(await session().findList(externalId)).toMatchObject({ name });
      }
    });

    it('is found however few lists the CRM gives at once', async () => {
      const made = Array.from({ length: 5 }, (_, number) => list(`List ${number}`).externalId);
      if (!subject.saysMore) subject.simulator.faults.set({ kind: 'short', match: String.raw`^(?!.*\$metadata)` });
      const { lists, complete } = await session().listLists();
      expect(complete).toBe(true);
      expect(lists.map(({ externalId }) => externalId)).toEqual(expect.arrayContaining(made));
    });

    it('that the API user may not see any more ends the read, or is gone', async () => {
      const { externalId } = list('Secret', [subject.world.addContact()]);
      subject.simulator.faults.set({ kind: 'forbidden', match: subject.pages });
      expect(await failureOf(readAll(session(), externalId), subject.secrets)).toMatchObject({ kind: 'permission' });
    });
  });

  describe('contacts', () => {
    const readOf = async (contacts: NewContact[], fields: readonly string[] = []): Promise<ContactRecord[]> => {
      const ids = contacts.map((contact) => subject.world.addContact(contact));
      const whole = await readAll(session(), list('People', ids).externalId, fields);
      return ids.flatMap((id) => whole.contacts.filter((contact) => contact.id === id));
    };

    it('without an email have none', async () => {
      const [contact] = await readOf([{ email: '' }]);
      expect(contact).toMatchObject({ emails: [], active: true });
    });

    it('have the name that the CRM shows for them, or none', async () => {
      const [named, unnamed] = await readOf([
        { firstName: 'Åsa', lastName: 'van der Berg' },
        { firstName: ' ', lastName: '' },
      ]);
      expect([named?.name, unnamed?.name]).toEqual(['Åsa van der Berg', undefined]);
    });

    it('whose records are not given are members all the same, of whom only the id is known', async () => {
      if (!subject.hideContact) return;
      const ids = Array.from({ length: 4 }, () => subject.world.addContact());
      const { externalId } = list('Half of them', ids);
      for (const id of ids.slice(1)) subject.hideContact(id);
      const { contacts, end } = await readAll(session(), externalId, [subject.fields.lastName]);
      expect(contacts.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      expect(end).toMatchObject({ seen: 4, skipped: 0 });
      for (const id of ids.slice(1)) {
        const contact = contacts.find((one) => one.id === id);
        expect(contact).toMatchObject({ emails: [], phones: [], fields: {}, active: true });
      }
    });

    it('that share an email are all read', async () => {
      const shared = Array.from({ length: 10 }, () => ({ email: 'info@example.org' }));
      const contacts = await readOf(shared);
      expect(contacts.map(({ emails }) => emails)).toEqual(shared.map(() => ['info@example.org']));
      expect(new Set(contacts.map(({ id }) => id)).size).toBe(10);
    });

    it('with several emails in one field have each', async () => {
      const [contact] = await readOf([{ email: ' Ada@Example.org; ada@work.example ' }]);
      expect(contact?.emails).toEqual(['Ada@Example.org', 'ada@work.example']);
    });

    it('that exchange their emails are told apart by id', async () => {
      const { world } = subject;
      const [left, right] = [
        world.addContact({ email: 'left@example.org' }),
        world.addContact({ email: 'right@example.org' }),
      ];
      const { externalId } = list('Exchange', [left, right]);
      world.changeContact(left, { email: 'right@example.org' });
      world.changeContact(right, { email: 'left@example.org' });
      const { contacts } = await readAll(session(), externalId);
      expect(contacts.find(({ id }) => id === left)?.emails).toEqual(['right@example.org']);
      expect(contacts.find(({ id }) => id === right)?.emails).toEqual(['left@example.org']);
    });

    it('that are switched off are no members, or say so', async () => {
      if (!subject.deactivatesContacts) return;
      const contacts = await readOf([{ active: false }, {}]);
      expect(contacts.filter(({ active }) => active)).toHaveLength(1);
    });

    it('that were merged leave only the last survivor', async () => {
      const { world } = subject;
      const [first, second, survivor] = [world.addContact(), world.addContact(), world.addContact()];
      const { externalId } = list('Merged', [first, second, survivor]);
      world.mergeContact(first, second);
      world.mergeContact(second, survivor);
      const { contacts } = await readAll(session(), externalId);
      expect(contacts.filter(({ active, mergedInto }) => active && !mergedInto).map(({ id }) => id)).toEqual([
        survivor,
      ]);
    });

    it('that were deleted are no members, and come back when they are restored', async () => {
      const { world } = subject;
      const [stays, goes] = [world.addContact(), world.addContact()];
      const { externalId } = list('Restored', [stays, goes]);
      world.deleteContact(goes);
      expect(
        (await readAll(session(), externalId)).contacts.filter(({ active }) => active).map(({ id }) => id),
      ).toEqual([stays]);
      world.restoreContact(goes);
      expect((await readAll(session(), externalId)).ids).toEqual([stays, goes].toSorted());
    });

    it('keep the days that were entered, also when the clocks change', async () => {
      const { birthday } = subject.fields;
      if (!birthday) return;
      const days = ['2026-03-29', '2026-10-25', '1952-01-01', '2000-12-31', ''];
      const contacts = await readOf(
        days.map((day) => ({ birthday: day })),
        [birthday],
      );
      // What is empty may be left out.
      expect(contacts.map(({ fields }) => fields[birthday] ?? null)).toEqual(
        days.map((day) => (day === '' ? null : day)),
      );
    });

    it('bring along the fields that were asked for, and no others', async () => {
      const { lastName } = subject.fields;
      const described = await session().describeFields();
      expect(described.find(({ name }) => name === lastName)).toMatchObject({ type: 'text' });
      const [contact] = await readOf([{ lastName: "O'Brien" }], [lastName]);
      expect(contact?.fields).toEqual({ [lastName]: "O'Brien" });
    });

    it('whose field the API user lost end the read, which names it', async () => {
      const { fields, hideField } = subject;
      if (!hideField) return;
      hideField(fields.lastName);
      const error = await failureOf(readOf([{}], [fields.lastName]), subject.secrets);
      expect(error.kind).toMatch(/refused|permission/);
      expect(error.message).toContain(fields.lastName);
      expect((await session().describeFields()).map(({ name }) => name)).not.toContain(fields.lastName);
    });
  });

  describe('changed contacts', () => {
    const changesSince = (cursor: string | null) => readChanges(session(), cursor, [subject.fields.lastName]);
    const MINUTE = 60_000;

    it('are found since a cursor, with their new values, and deletions where the CRM tells', async () => {
      if (!subject.changes) return;
      const { world, simulator } = subject;
      const [changed, still, deleted] = [world.addContact(), world.addContact(), world.addContact()];
      simulator.advance(60 * MINUTE);
      const { nextCursor } = await changesSince(null);
      simulator.advance(60 * MINUTE);
      world.changeContact(changed, { lastName: 'Changed' });
      world.deleteContact(deleted);
      // Connectors look back a little.
      simulator.advance(10 * MINUTE);
      const changes = await changesSince(nextCursor);
      expect(changes.contacts.find(({ id }) => id === changed)?.fields).toEqual({
        [subject.fields.lastName]: 'Changed',
      });
      expect(changes.ids).not.toContain(still);
      if (subject.changes.deletions) expect(changes.deletedIds).toEqual([deleted]);
      simulator.advance(60 * MINUTE);
      expect((await changesSince(changes.nextCursor)).ids).toEqual([]);
    });

    it('must all be read again when the cursor expired, or belongs to other fields', async () => {
      if (!subject.changes) return;
      const { nextCursor } = await changesSince(null);
      const other = session().readChanged!(nextCursor, []).next();
      expect(await failureOf(other, subject.secrets)).toMatchObject({ kind: 'cursor_expired' });
      subject.changes.expire?.();
      if (!subject.changes.expire) return;
      expect(await failureOf(changesSince(nextCursor), subject.secrets)).toMatchObject({ kind: 'cursor_expired' });
    });
  });
}
