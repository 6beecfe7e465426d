// Made-up contacts and lists: the same for the same seed. A vendor's simulator shows them in the vendor's way.
import { z } from 'zod';

/** Numbers of contacts and lists. Each list has every fourth contact or so. */
export const PopulationSize = z.object({
  seed: z.number().int().default(1),
  contacts: z.number().int().nonnegative().default(60),
  lists: z.number().int().nonnegative().default(3),
});
export type PopulationSize = z.infer<typeof PopulationSize>;

export type SimContact = {
  id: string;
  firstName: string;
  lastName: string;
  /** '' if there is none. */
  email: string;
  phone: string;
  /** A day: '1990-03-25'. '' if unknown. */
  birthday: string;
  company: string;
  position: 'ceo' | 'cfo' | 'buyer' | '';
  active: boolean;
  deleted: boolean;
  mergedInto?: string;
  /** By the virtual clock, in milliseconds. */
  changedAt: number;
};

export type SimList = {
  id: string;
  name: string;
  active: boolean;
  deleted: boolean;
  changedAt: number;
};

export type NewContact = Partial<Omit<SimContact, 'id' | 'changedAt'>>;

/** What CRMs send webhooks about. */
export type Change =
  | { what: 'created' | 'updated' | 'deleted' | 'restored'; contactId: string }
  | { what: 'joined' | 'left'; contactId: string; listId: string };

/** What the tests of all CRMs do with the data. Ids are as connectors give them, without the kind. */
export type World = {
  addContact: (contact?: NewContact) => string;
  changeContact: (id: string, change: NewContact) => void;
  /** As a person in the CRM would delete it, and undelete it. */
  deleteContact: (id: string) => void;
  restoreContact: (id: string) => void;
  /** Memberships of the first go to the second, where the CRM does so. */
  mergeContact: (id: string, into: string) => void;
  addList: (name: string, members?: readonly string[]) => string;
  renameList: (id: string, name: string) => void;
  deactivateList: (id: string) => void;
  deleteList: (id: string) => void;
  restoreList: (id: string) => void;
  addMembers: (listId: string, ids: readonly string[]) => void;
  removeMembers: (listId: string, ids: readonly string[]) => void;
  /** Those that a complete read finds now. */
  membersOf: (listId: string) => string[];
};

const FIRST = ['Ada', 'Grace', 'Åsa', 'Søren', 'Zoë', 'Łukasz', 'Marie', 'Jürgen', 'Nanna', 'Émile'];
const LAST = ['Byron', 'Hopper', 'Öberg', 'Ørsted', 'van der Berg', 'Nowak', 'Curie', 'Müller', 'Holm', "O'Brien"];
const COMPANIES = ['Analytical AB', 'Fjord & Søn A/S', 'Kaffe-Kompagniet', 'Nordic Oak', 'Brød "Bageri"'];
const POSITIONS = ['ceo', 'cfo', 'buyer', ''] as const;
const LISTS = ['Trade Show 2025', 'Nordic CFOs', 'Newsletter', 'Autumn mailing', 'Partners'];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The first id. */
const FIRST_ID = 1_001;

export class Population implements World {
  readonly contacts = new Map<string, SimContact>();
  readonly lists = new Map<string, SimList>();
  /** By list, in the order in which they joined. */
  readonly members = new Map<string, Set<string>>();
  /** Grows with each change, so that simulators can keep what they worked out. */
  version = 0;
  readonly #visible = new Map<string, { version: number; ids: string[] }>();
  /** Called after each change. */
  onChange: (change: Change) => void = () => undefined;
  readonly #now: () => number;
  #random: () => number = Math.random;
  #nextId = FIRST_ID;

  constructor(now: () => number) {
    this.#now = now;
    this.reset(PopulationSize.parse({}));
  }

  reset({ seed, contacts, lists }: PopulationSize): void {
    this.#random = randomOf(seed);
    this.#nextId = FIRST_ID;
    this.contacts.clear();
    this.lists.clear();
    this.members.clear();
    this.#visible.clear();
    this.version += 1;
    const ids = Array.from({ length: contacts }, () => this.addContact());
    for (let index = 0; index < lists; index += 1) {
      const name = LISTS[index] ?? `List ${index + 1}`;
      this.addList(
        name,
        ids.filter(() => this.#random() < 0.25),
      );
    }
  }

  addContact(contact: NewContact = {}): string {
    const id = this.#newId();
    const [firstName, lastName] = [this.#one(FIRST), this.#one(LAST)];
    this.contacts.set(id, {
      id,
      firstName,
      lastName,
      email: `${plain(firstName)}.${plain(lastName)}.${id}@example.org`,
      phone: this.#random() < 0.3 ? '' : `+4670${id.padStart(7, '0')}`,
      birthday: `19${50 + Math.floor(this.#random() * 50)}-0${1 + Math.floor(this.#random() * 9)}-1${Math.floor(this.#random() * 10)}`,
      company: this.#one(COMPANIES),
      position: this.#one(POSITIONS),
      active: true,
      deleted: false,
      ...contact,
      changedAt: this.#now(),
    });
    this.onChange({ what: 'created', contactId: id });
    return id;
  }

  changeContact(id: string, change: NewContact): void {
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

  contact(id: string): SimContact {
    return known(this.contacts.get(id), `contact ${id}`);
  }

  list(id: string): SimList {
    return known(this.lists.get(id), `list ${id}`);
  }

  #change(contactId: string, change: NewContact, what: 'updated' | 'deleted' | 'restored'): void {
    Object.assign(this.contact(contactId), change, { changedAt: this.#now() });
    this.version += 1;
    this.onChange({ what, contactId });
  }

  #members(listId: string): Set<string> {
    return known(this.members.get(listId), `list ${listId}`);
  }

  #changeList(id: string, change: Partial<SimList>): void {
    Object.assign(this.list(id), change, { changedAt: this.#now() });
  }

  #newId(): string {
    const id = String(this.#nextId);
    this.#nextId += 1;
    return id;
  }

  #one<T>(choices: readonly T[]): T {
    return known(choices[Math.floor(this.#random() * choices.length)], 'choice');
  }
}

/** The changes of a world, for POST /__sim/mutate. */
export const mutationsOf = (world: World): Record<string, (...values: never[]) => unknown> => ({
  addContact: world.addContact.bind(world),
  changeContact: world.changeContact.bind(world),
  deleteContact: world.deleteContact.bind(world),
  restoreContact: world.restoreContact.bind(world),
  mergeContact: world.mergeContact.bind(world),
  addList: world.addList.bind(world),
  renameList: world.renameList.bind(world),
  deactivateList: world.deactivateList.bind(world),
  deleteList: world.deleteList.bind(world),
  restoreList: world.restoreList.bind(world),
  addMembers: world.addMembers.bind(world),
  removeMembers: world.removeMembers.bind(world),
  membersOf: world.membersOf.bind(world),
});

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}

const plain = (name: string) =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replace(/[^a-z]/g, '');
