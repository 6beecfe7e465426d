// Made-up contacts and lists: the same for the same seed. A vendor's simulator shows them in the vendor's way.
import { z } from 'zod';
import { Records, type ContactData } from '@/demo/crm/records';

/** Numbers of contacts and lists. Each list has every fourth contact or so. */
export const PopulationSize = z.object({
  seed: z.number().int().default(1),
  contacts: z.number().int().nonnegative().default(60),
  lists: z.number().int().nonnegative().default(3),
});
export type PopulationSize = z.infer<typeof PopulationSize>;

export type { Change, Contact as SimContact } from '@/demo/crm/records';
export type NewContact = Partial<ContactData>;

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

export class Population extends Records implements World {
  #random: () => number = Math.random;

  constructor(now: () => number) {
    super(now);
    this.reset(PopulationSize.parse({}));
  }

  reset({ seed, contacts, lists }: PopulationSize): void {
    this.#random = randomOf(seed);
    this.clear();
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
    const id = String(this.nextId);
    const [firstName, lastName] = [this.#one(FIRST), this.#one(LAST)];
    return this.createContact({
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
    });
  }

  #one<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error('There is no choice.');
    return choice;
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

const plain = (name: string) =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replace(/[^a-z]/g, '');
