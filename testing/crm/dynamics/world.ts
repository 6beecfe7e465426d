// What people do in the made-up Dynamics 365 environment.
import { Population, type NewContact, type PopulationSize, type World } from '../population';
import { guidOf, type Row, type Site } from './site';

const rowOf = ({
  firstName,
  lastName,
  email,
  phone,
  birthday,
  company,
  active,
  deleted: _,
  mergedInto: __,
}: NewContact): Row => ({
  ...(firstName !== undefined && { firstname: firstName }),
  ...(lastName !== undefined && { lastname: lastName }),
  ...(email !== undefined && { emailaddress1: email || null }),
  ...(phone !== undefined && { mobilephone: phone || null }),
  ...(birthday !== undefined && { birthdate: birthday || null }),
  ...(company !== undefined && { department: company }),
  ...(active !== undefined && { statecode: active ? 0 : 1 }),
});

const joinOf = (listid: string) =>
  `<fetch><entity name="contact"><link-entity name="listmember" from="entityid" to="contactid" link-type="inner">` +
  `<filter><condition attribute="listid" operator="eq" value="${listid}"/></filter></link-entity></entity></fetch>`;

export class DynamicsWorld implements World {
  /** New lists are dynamic ones, by a query of the same members. */
  dynamic = false;
  readonly #bin = new Map<string, { table: string; row: Row }>();
  #count = 0;

  constructor(
    readonly site: Site,
    readonly now: () => number,
  ) {}

  reset(size: PopulationSize): void {
    this.site.clear();
    this.#bin.clear();
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

  addContact(contact: NewContact = {}): string {
    this.#count += 1;
    const { firstName = 'Ada', lastName = `Number${this.#count}` } = contact;
    const { email = `ada.${this.#count}@example.org`, phone = '' } = contact;
    return this.site.put('contact', {
      contactid: guidOf(`contact ${this.#count}`),
      merged: false,
      createdon: this.#time(),
      modifiedon: this.#time(),
      ...rowOf({ ...contact, firstName, lastName, email, phone }),
    });
  }

  changeContact(id: string, change: NewContact): void {
    this.site.put('contact', { contactid: id, ...rowOf(change), modifiedon: this.#time() });
  }

  deleteContact(id: string): void {
    this.#discard('contact', id);
  }

  restoreContact(id: string): void {
    this.#restore(id);
  }

  mergeContact(id: string, into: string): void {
    this.site.merge(id, into);
  }

  addList(name: string, members: readonly string[] = []): string {
    this.#count += 1;
    const listid = guidOf(`list ${this.#count}`);
    if (this.dynamic) {
      this.site.addDynamicList(name, joinOf(listid), { listid, modifiedon: this.#time() });
      this.site.setMembers(listid, members);
      return listid;
    }
    return this.site.addStaticList(name, members, { listid, modifiedon: this.#time() });
  }

  renameList(id: string, name: string): void {
    this.site.put('list', { listid: id, listname: name });
  }

  deactivateList(id: string): void {
    this.site.put('list', { listid: id, statecode: 1 });
  }

  deleteList(id: string): void {
    this.#discard('list', id);
  }

  restoreList(id: string): void {
    this.#restore(id);
  }

  addMembers(listId: string, ids: readonly string[]): void {
    this.site.setMembers(listId, [...new Set([...this.site.membersOf(listId), ...ids])]);
  }

  removeMembers(listId: string, ids: readonly string[]): void {
    this.site.setMembers(
      listId,
      this.site.membersOf(listId).filter((id) => !ids.includes(id)),
    );
  }

  membersOf(listId: string): string[] {
    return this.site.membersOf(listId).filter((id) => this.site.get('contact', id)?.statecode === 0);
  }

  #discard(table: string, id: string): void {
    const row = this.site.get(table, id);
    if (!row) throw new Error(`There is no ${table} ${id}.`);
    this.#bin.set(id, { table, row });
    this.site.remove(table, id);
  }

  #restore(id: string): void {
    const { table, row } = this.#bin.get(id)!;
    this.site.put(table, row);
  }

  #time(): string {
    return new Date(this.now()).toISOString().replace('.000Z', 'Z');
  }
}
