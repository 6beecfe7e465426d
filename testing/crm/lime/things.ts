// The types and objects of a made-up Lime: persons, companies, campaigns and participants, as the population has them.
import type { Population, SimContact } from '../population';
import type { Thing } from './filter';

const FORMAT = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Stockholm', timeZoneName: 'longOffset' });

const POSITIONS = [
  { id: 101_601, key: 'cfo', text: 'CFO', inactive: false, order: 1 },
  { id: 101_602, key: 'ceo', text: 'CEO', inactive: false, order: 2 },
  { id: 101_603, key: 'buyer', text: 'Buyer', inactive: false, order: 3 },
];
const STATUSES = ['invitation', 'accept', 'decline', 'queue', 'participated'].map((key, index) => ({
  id: 101_701 + index,
  key,
  text: key,
  inactive: false,
  order: index,
}));

const FIRST_PARTICIPANT = 50_001;

type Property = {
  name: string;
  localname: string;
  type: string;
  required?: boolean;
  length?: number;
  options?: object[];
  to?: string;
};

export const TYPES: Record<string, Property[]> = {
  person: [
    { name: 'firstname', localname: 'First name', type: 'string', length: 64 },
    { name: 'lastname', localname: 'Last name', type: 'string', length: 64, required: true },
    { name: 'email', localname: 'Email', type: 'string', length: 256 },
    { name: 'phone', localname: 'Phone', type: 'phone' },
    { name: 'mobilephone', localname: 'Mobile', type: 'phone' },
    { name: 'inactive', localname: 'Inactive', type: 'yesno' },
    { name: 'birthday', localname: 'Birthday', type: 'date' },
    { name: 'lastcontact', localname: 'Last contact', type: 'time' },
    { name: 'position', localname: 'Position', type: 'option', options: POSITIONS },
    { name: 'interests', localname: 'Interests', type: 'set', options: POSITIONS },
    { name: 'company', localname: 'Company', type: 'belongsto', to: 'company' },
    { name: 'coworker', localname: 'Responsible', type: 'user' },
    { name: 'history', localname: 'History', type: 'hasmany', to: 'participant' },
  ],
  company: [{ name: 'name', localname: 'Name', type: 'string' }],
  campaign: [
    { name: 'name', localname: 'Name', type: 'string' },
    { name: 'campaignstatus', localname: 'Status', type: 'option', options: [] },
  ],
  participant: [
    { name: 'participantstatus', localname: 'Status', type: 'option', options: STATUSES },
    { name: 'person', localname: 'Person', type: 'belongsto', to: 'person' },
    { name: 'campaign', localname: 'Campaign', type: 'belongsto', to: 'campaign' },
  ],
};

/** Local midnight of a day, with the offset of that day: '2026-03-29T00:00:00+01:00'. */
export function localMidnight(day: string): string {
  const before = new Date(Date.parse(`${day}T00:00:00Z`) - 2 * 3_600_000);
  const part = FORMAT.formatToParts(before).find(({ type }) => type === 'timeZoneName');
  return `${day}T00:00:00${part?.value.replace('GMT', '') || '+00:00'}`;
}

export class Things {
  readonly #world: Population;
  /** The status of a participation, by list and contact. Default: accept. */
  readonly statuses = new Map<string, string>();
  /** In the order in which they joined, and so of their ids. */
  #participants: { listId: string; contactId: string }[] = [];
  readonly #participantIds = new Map<string, number>();
  /** The version of the world whose members are in `#participants`. */
  #version = -1;
  readonly #companyIds = new Map<string, number>();

  constructor(world: Population) {
    this.#world = world;
  }

  reset(): void {
    this.statuses.clear();
    this.#participants = [];
    this.#participantIds.clear();
    this.#version = -1;
    this.#companyIds.clear();
  }

  /** The objects of a type that are there, by ascending id, after one; related ones as objects. */
  *after(type: string, id = 0): Generator<Thing, void, void> {
    if (type === 'participant') return yield* this.#participantsAfter(id);
    for (const thing of this.#all(type)) if (Number(thing._id) > id) yield thing;
  }

  *#all(type: string): Generator<Thing, void, void> {
    if (type === 'person') {
      for (const contact of this.#world.contacts.values()) if (!contact.deleted) yield this.#person(contact);
    }
    if (type === 'campaign') {
      for (const { id, name, changedAt, deleted } of this.#world.lists.values()) {
        if (!deleted) yield { ...common(Number(id), changedAt, name), name, campaignstatus: null };
      }
    }
    if (type === 'company') {
      for (const { company } of this.#world.contacts.values()) this.#company(company);
      for (const [name, id] of this.#companyIds) yield { ...common(id, 0, name), name };
    }
  }

  participantId(listId: string, contactId: string): number {
    const key = `${listId}/${contactId}`;
    const known = this.#participantIds.get(key);
    if (known !== undefined) return known;
    const id = FIRST_PARTICIPANT + this.#participants.length;
    this.#participants.push({ listId, contactId });
    this.#participantIds.set(key, id);
    return id;
  }

  #person(contact: SimContact): Thing {
    const position = POSITIONS.find(({ key }) => key === contact.position) ?? null;
    return {
      ...common(Number(contact.id), contact.changedAt, `${contact.firstName} ${contact.lastName}`),
      firstname: contact.firstName,
      lastname: contact.lastName,
      email: contact.email,
      phone: '',
      mobilephone: contact.phone,
      inactive: !contact.active,
      birthday: contact.birthday === '' ? null : localMidnight(contact.birthday),
      lastcontact: new Date(contact.changedAt).toISOString().replace('Z', '000+00:00'),
      position,
      interests: position ? [position] : [],
      company: this.#company(contact.company),
      coworker: 1_500,
    };
  }

  #company(name: string): Thing | null {
    if (name === '') return null;
    const id = this.#companyIds.get(name) ?? 7_001 + this.#companyIds.size;
    this.#companyIds.set(name, id);
    return { _id: id, name };
  }

  *#participantsAfter(id: number): Generator<Thing, void, void> {
    if (this.#version !== this.#world.version) {
      for (const [listId, members] of this.#world.members) {
        for (const contactId of members) this.participantId(listId, contactId);
      }
      this.#version = this.#world.version;
    }
    for (let at = Math.max(0, id + 1 - FIRST_PARTICIPANT); at < this.#participants.length; at += 1) {
      const { listId, contactId } = this.#participants[at]!;
      const list = this.#world.list(listId);
      if (list.deleted || !this.#world.members.get(listId)?.has(contactId)) continue;
      const contact = this.#world.contact(contactId);
      const status = this.statuses.get(`${listId}/${contactId}`) ?? 'accept';
      yield {
        ...common(FIRST_PARTICIPANT + at, contact.changedAt, ''),
        participantstatus: STATUSES.find((option) => option.key === status) ?? null,
        person: contact.deleted ? null : this.#person(contact),
        campaign: { _id: Number(listId), name: list.name },
      };
    }
  }
}

const common = (id: number, changedAt: number, descriptive: string) => ({
  _id: id,
  _timestamp: new Date(changedAt).toISOString().replace('Z', '000+00:00'),
  _descriptive: descriptive,
});
