// Contacts and lists of a made-up CRM, and what people do with them there.

export type Contact = {
  id: string;
  firstName: string;
  lastName: string;
  /** '' if there is none. Several are separated by `;`. */
  email: string;
  phone: string;
  /** A day: '1990-03-25'. '' if unknown. */
  birthday: string;
  company: string;
  position: 'ceo' | 'cfo' | 'buyer' | '';
  active: boolean;
  deleted: boolean;
  mergedInto?: string;
  /** By the clock of the CRM, in milliseconds. */
  changedAt: number;
};

export type List = {
  id: string;
  name: string;
  active: boolean;
  deleted: boolean;
  changedAt: number;
};

export type ContactData = Omit<Contact, 'id' | 'changedAt'>;

/** What CRMs send webhooks about. */
export type Change =
  | { what: 'created' | 'updated' | 'deleted' | 'restored'; contactId: string }
  | { what: 'joined' | 'left'; contactId: string; listId: string };

/** The first id. */
const FIRST_ID = 1_001;

export class Records {
  readonly contacts = new Map<string, Contact>();
  readonly lists = new Map<string, List>();
  /** By list, in the order in which they joined. */
  readonly members = new Map<string, Set<string>>();
  /** Grows with each change, so that simulators can keep what they worked out. */
  version = 0;
  /** Called after each change. */
  onChange: (change: Change) => void = () => undefined;
  readonly #visible = new Map<string, { version: number; ids: string[] }>();
  readonly #now: () => number;
  #nextId = FIRST_ID;

  /** `now`: the clock of the CRM, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Without contacts and lists. The next id is the first one. */
  clear(): void {
    this.#nextId = FIRST_ID;
    this.contacts.clear();
    this.lists.clear();
    this.members.clear();
    this.#visible.clear();
    this.version += 1;
  }

  /** The id that the next contact or list gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Puts back what was saved. */
  load(saved: { nextId: number; contacts: Contact[]; lists: List[]; members: Record<string, string[]> }): void {
    this.clear();
    this.#nextId = saved.nextId;
    for (const contact of saved.contacts) this.contacts.set(contact.id, contact);
    for (const list of saved.lists) this.lists.set(list.id, list);
    for (const [listId, ids] of Object.entries(saved.members)) this.members.set(listId, new Set(ids));
  }

  createContact(contact: ContactData): string {
    const id = this.#newId();
    this.contacts.set(id, { ...contact, id, changedAt: this.#now() });
    this.version += 1;
    this.onChange({ what: 'created', contactId: id });
    return id;
  }

  changeContact(id: string, change: Partial<ContactData>): void {
    this.#change(id, change, 'updated');
  }

  deleteContact(id: string): void {
    this.#change(id, { deleted: true }, 'deleted');
  }

  restoreContact(id: string): void {
    this.#change(id, { deleted: false }, 'restored');
  }

  mergeContact(id: string, into: string): void {
    this.#change(id, { deleted: true, mergedInto: into }, 'deleted');
    for (const ids of this.members.values()) if (ids.delete(id)) ids.add(into);
    this.version += 1;
  }

  addList(name: string, members: readonly string[] = []): string {
    const id = this.#newId();
    this.lists.set(id, { id, name, active: true, deleted: false, changedAt: this.#now() });
    this.members.set(id, new Set(members));
    this.version += 1;
    return id;
  }

  renameList(id: string, name: string): void {
    this.#changeList(id, { name });
  }

  deactivateList(id: string): void {
    this.#changeList(id, { active: false });
  }

  deleteList(id: string): void {
    this.#changeList(id, { deleted: true });
  }

  restoreList(id: string): void {
    this.#changeList(id, { deleted: false });
  }

  addMembers(listId: string, ids: readonly string[]): void {
    const members = this.#members(listId);
    for (const contactId of ids) {
      members.add(contactId);
      this.version += 1;
      this.onChange({ what: 'joined', contactId, listId });
    }
  }

  removeMembers(listId: string, ids: readonly string[]): void {
    const members = this.#members(listId);
    for (const contactId of ids) {
      members.delete(contactId);
      this.version += 1;
      this.onChange({ what: 'left', contactId, listId });
    }
  }

  /** Those that a complete read finds now. */
  membersOf(listId: string): string[] {
    const known = this.#visible.get(listId);
    if (known?.version === this.version) return known.ids;
    const ids = [...this.#members(listId)].filter((id) => {
      const contact = this.contact(id);
      return contact.active && !contact.deleted;
    });
    this.#visible.set(listId, { version: this.version, ids });
    return ids;
  }

  contact(id: string): Contact {
    return known(this.contacts.get(id), `contact ${id}`);
  }

  list(id: string): List {
    return known(this.lists.get(id), `list ${id}`);
  }

  #change(contactId: string, change: Partial<ContactData>, what: 'updated' | 'deleted' | 'restored'): void {
    Object.assign(this.contact(contactId), change, { changedAt: this.#now() });
    this.version += 1;
    this.onChange({ what, contactId });
  }

  #members(listId: string): Set<string> {
    return known(this.members.get(listId), `list ${listId}`);
  }

  #changeList(id: string, change: Partial<List>): void {
    Object.assign(this.list(id), change, { changedAt: this.#now() });
  }

  #newId(): string {
    const id = String(this.#nextId);
    this.#nextId += 1;
    return id;
  }
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}
