// The data of a made-up Tribe site, and what people do there (crm-apis §5.9).
import { createHash } from 'node:crypto';
import { Population, type NewContact, type PopulationSize, type World } from '../population';
import { LastResults } from '../last-result';
import { SCHEMA } from './schema';

export type Row = Record<string, unknown>;
type Stored = { set: string; row: Row };

export const guidOf = (name: string) => {
  const hex = createHash('sha256').update(`tribe ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-b${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export class TribeSite implements World {
  /** Sets (`Selection`) and fields (`Relation_Person.LastName`) that the application does not see. */
  readonly hidden = new Set<string>();
  /** Webhooks exist for relations, not for relationships. */
  relationsOnly = false;
  /** What an unsupported operator answers. */
  readonly unreadable = new Set<string>();
  unsupported: 400 | 501 = 400;
  /** Called after each change of a row. */
  onChange: (set: string, id: string, mutation: 'Create' | 'Update' | 'Delete') => void = () => undefined;
  /** The number of the last change. */
  version = 0;
  readonly found = new LastResults<Row[]>();
  /** How many rows `$count` says that are not there. */
  countedTooMany = 0;
  readonly #rows = new Map<string, Map<string, Row>>();
  #related = { version: -1, byPerson: new Map<unknown, Row[]>() };
  readonly #bin = new Map<string, Stored>();
  #count = 0;

  constructor(readonly now: () => number) {
    this.#clear();
  }

  isHidden = (set: string, field?: string): boolean =>
    this.hidden.has(set) || (field !== undefined && this.hidden.has(`${set}.${field}`));

  reset(size: PopulationSize): void {
    this.#clear();
    const population = new Population(this.now);
    population.reset(size);
    const ids = new Map([...population.contacts.values()].map((contact) => [contact.id, this.addContact(contact)]));
    for (const { id, name } of population.lists.values()) {
      this.addList(
        name,
        [...population.members.get(id)!].map((member) => ids.get(member)!),
      );
    }
  }

  #clear(): void {
    this.#rows.clear();
    for (const set of Object.keys(SCHEMA)) this.#rows.set(set, new Map());
    this.#bin.clear();
    this.version += 1;
    this.hidden.clear();
    this.unsupported = 400;
    this.unreadable.clear();
    this.relationsOnly = false;
    this.countedTooMany = 0;
    this.add('Datastore_Gender', { ID: guidOf('female'), Code: 'F', _Name: 'Female' });
    this.add('Datastore_Interest', { ID: guidOf('sailing'), Code: 'SAIL', _Name: 'Sailing' });
    this.add('Datastore_Interest', { ID: guidOf('no code'), Code: null, _Name: 'Without a code' });
  }

  /** Takes a person away from the application, though lists name it. */
  hidePerson(id: string): void {
    this.unreadable.add(id);
    this.version += 1;
  }

  /** Adds a row. Navigations hold ids. */
  add(set: string, row: Row): string {
    this.#count += 1;
    const id = typeof row.ID === 'string' ? row.ID : guidOf(`${set} ${this.#count}`);
    const time = this.#time();
    this.#rows
      .get(set)!
      .set(id, { _Type: SCHEMA[set]!.type, CreationDate: time, LastMutationDate: time, ...row, ID: id });
    this.version += 1;
    this.onChange(set, id, 'Create');
    return id;
  }

  change(set: string, id: string, change: Row): void {
    const row = this.#rows.get(set)!.get(id);
    if (!row) throw new Error(`There is no ${set} ${id}.`);
    Object.assign(row, change, { LastMutationDate: this.#time() });
    this.version += 1;
    this.onChange(set, id, 'Update');
  }

  get(set: string, id: string): Row | undefined {
    return this.#rows.get(set)?.get(id);
  }

  /** A row of any set. */
  find(id: string): Stored | undefined {
    for (const [set, rows] of this.#rows) {
      const row = rows.get(id);
      if (row) return { set, row };
    }
    return undefined;
  }

  rowsOf(set: string): Row[] {
    return [...this.#rows.get(set)!.values()];
  }

  /** The relationships of a person. */
  relationshipsOf(person: string): Row[] {
    const set = 'Relationship_Person_Contact_Standard';
    if (this.#related.version !== this.version) {
      this.#related = { version: this.version, byPerson: new Map() };
      for (const row of this.rowsOf(set)) {
        const known = this.#related.byPerson.get(row.Person) ?? [];
        this.#related.byPerson.set(row.Person, [...known, row]);
      }
    }
    return this.#related.byPerson.get(person) ?? [];
  }

  addContact(contact: NewContact = {}): string {
    const { firstName = 'Ada', lastName = `Number ${this.#count}`, email = `ada.${this.#count}@example.org` } = contact;
    return this.add('Relation_Person', personOf({ phone: '', ...contact, firstName, lastName, email }));
  }

  changeContact(id: string, change: NewContact): void {
    const { FirstName: firstName, LastName: lastName } = this.get('Relation_Person', id) as {
      FirstName: string;
      LastName: string;
    };
    this.change('Relation_Person', id, personOf({ firstName, lastName, ...change }));
  }

  deleteContact(id: string): void {
    this.#discard('Relation_Person', id);
  }

  restoreContact(id: string): void {
    this.#restore(id);
  }

  mergeContact(id: string, into: string): void {
    for (const set of ['Selection', 'Label']) {
      for (const row of this.rowsOf(set)) {
        const members = row.Relations as string[];
        if (members.includes(id)) row.Relations = [...new Set([...members.filter((one) => one !== id), into])];
      }
    }
    this.#discard('Relation_Person', id);
  }

  /** Makes a person the contact of an organisation, with an address of its own. */
  addRelationship(person: string, more: Row = {}): string {
    const organisation = this.add('Relation_Organization', { Name: 'Analytical AB' });
    return this.add('Relationship_Person_Contact_Standard', { Person: person, Relation: organisation, ...more });
  }

  addList(name: string, members: readonly string[] = []): string {
    return this.add('Selection', { Name: name, _Name: name, Relations: [...members] });
  }

  renameList(id: string, name: string): void {
    this.change('Selection', id, { Name: name, _Name: name });
  }

  deactivateList(): void {
    throw new Error('Tribe has no switched-off selections.');
  }

  deleteList(id: string): void {
    this.#discard('Selection', id);
  }

  restoreList(id: string): void {
    this.#restore(id);
  }

  addMembers(listId: string, ids: readonly string[]): void {
    const members = this.#members(listId);
    this.change('Selection', listId, { Relations: [...new Set([...members, ...ids])] });
  }

  removeMembers(listId: string, ids: readonly string[]): void {
    this.change('Selection', listId, { Relations: this.#members(listId).filter((id) => !ids.includes(id)) });
  }

  membersOf(listId: string): string[] {
    return this.#members(listId).filter((id) => this.get('Relation_Person', id));
  }

  #members(listId: string): string[] {
    return (this.get('Selection', listId)?.Relations ?? []) as string[];
  }

  #discard(set: string, id: string): void {
    const row = this.get(set, id);
    if (!row) throw new Error(`There is no ${set} ${id}.`);
    this.#bin.set(id, { set, row });
    this.#rows.get(set)!.delete(id);
    this.version += 1;
    this.onChange(set, id, 'Delete');
  }

  #restore(id: string): void {
    const { set, row } = this.#bin.get(id)!;
    this.#rows.get(set)!.set(id, row);
    this.version += 1;
  }

  #time(): string {
    return new Date(this.now()).toISOString();
  }
}

type Named = NewContact & Required<Pick<NewContact, 'firstName' | 'lastName'>>;

const personOf = ({ firstName, lastName, email, phone, birthday }: Named): Row => ({
  FirstName: firstName,
  LastName: lastName,
  _Name: [firstName, lastName].join(' ').trim(),
  ...(email !== undefined && { EmailAddress: email || null }),
  ...(phone !== undefined && { MobilePhoneNumber: phone || null }),
  // With an offset that makes it another day in UTC.
  ...(birthday !== undefined && { BirthDate: birthday ? `${birthday}T00:00:00+01:00` : null }),
});
