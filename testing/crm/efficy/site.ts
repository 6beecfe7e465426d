// The data of a made-up efficy, in both flavours, and what people do there (crm-apis §6.11).
import { createHash } from 'node:crypto';
import { inZone } from '@/lib/integrations/zoned-time';
import { LastResults } from '../last-result';
import { Population, type NewContact, type PopulationSize, type World } from '../population';
import type { Row } from './sql';

export type Flavour = 'enterprise' | 'u';

/** Names of tables and columns. */
const NAMES = {
  enterprise: {
    contacts: 'CONTACTS',
    profiles: 'PROFILES',
    queries: 'QUERIES',
    members: 'PROF_CONT',
    key: 'K_CONTACT',
    first: 'FIRSTNAME',
    last: 'LASTNAME',
    email: 'EMAIL1',
    phone: 'MOBILE',
    birthday: 'D_BIRTHDAY',
    changed: 'D_CHANGE',
    inactive: 'F_ARCHIVED',
    interests: 'INTERESTS',
    profileKey: 'K_PROFILE',
    profileName: 'NAME',
    queryKey: 'K_QUERY',
    queryName: 'NAME',
  },
  u: {
    contacts: 'Contact',
    profiles: 'Profile',
    queries: 'Query',
    members: 'Prof_Cont',
    key: 'contKey',
    first: 'contFirstName',
    last: 'contName',
    email: 'contEmail',
    phone: 'contMobile',
    birthday: 'contBirthday',
    changed: 'contChanged',
    inactive: 'contArchived',
    interests: 'contInterests',
    profileKey: 'profKey',
    profileName: 'profName',
    queryKey: 'querKey',
    queryName: 'querName',
  },
} as const;

export type StoredQuery = { name: string; run: (values: string[]) => Row[] };

export class EfficySite implements World {
  readonly names;
  /** By key. */
  readonly contacts = new Map<string, Row>();
  readonly profiles = new Map<string, Row>();
  readonly queries = new Map<string, StoredQuery>();
  /** By profile. */
  readonly members = new Map<string, string[]>();
  readonly hidden = new Set<string>();
  /** Keys of contacts whose records the user may not read, though profiles name them. */
  readonly unreadable = new Set<string>();
  /** The number of the last change of a contact or of members. */
  version = 0;
  readonly found = new LastResults<Row[]>();
  /** Called after each change of a contact. */
  onChange: (id: string, operation: 'Create' | 'Update' | 'Delete') => void = () => undefined;
  readonly #bin = new Map<string, Row>();
  #count = 0;

  constructor(
    readonly flavour: Flavour,
    readonly now: () => number,
  ) {
    this.names = NAMES[flavour];
  }

  reset(size: PopulationSize): void {
    this.version += 1;
    for (const map of [this.contacts, this.profiles, this.queries, this.members, this.#bin]) map.clear();
    this.hidden.clear();
    this.unreadable.clear();
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

  /** A number as text, or 16 characters of base 62. */
  newKey(): string {
    this.#count += 1;
    if (this.flavour === 'enterprise') return String(10_000 + this.#count);
    const random = createHash('sha256').update(String(this.#count)).digest('base64').replace(/[+/=]/g, 'x');
    return `${String(this.#count).padStart(6, '0')}${random.slice(0, 10)}`;
  }

  /** The rows of a table, with hidden columns; undefined if there is no such table. */
  rowsOf(table: string): Row[] | undefined {
    const { contacts, profiles, queries, members, key, profileKey, queryKey, queryName } = this.names;
    switch (table) {
      case contacts:
        return [...this.contacts].filter(([id]) => !this.unreadable.has(id)).map(([, row]) => row);
      case profiles:
        return [...this.profiles.values()];
      case queries:
        return [...this.queries].map(([id, { name }]) => ({ [queryKey]: id, [queryName]: name }));
      case members:
        return [...this.members].flatMap(([profile, ids]) =>
          this.profiles.has(profile)
            ? ids.filter((id) => this.contacts.has(id)).map((id) => ({ [profileKey]: profile, [key]: id }))
            : [],
        );
      default:
        return undefined;
    }
  }

  /** A contact without hidden columns. */
  shown(row: Row): Row {
    return Object.fromEntries(Object.entries(row).filter(([name]) => !this.hidden.has(name)));
  }

  columnsOf(table: string): string[] | undefined {
    const { key, profileKey, profileName, queryKey, queryName } = this.names;
    const columns: Record<string, string[]> = {
      [this.names.contacts]: Object.keys(this.#row('', {})),
      [this.names.profiles]: [profileKey, profileName, 'profArchived'],
      [this.names.queries]: [queryKey, queryName],
      [this.names.members]: [profileKey, key],
    };
    return columns[table]?.filter((name) => !this.hidden.has(name));
  }

  #row(id: string, { firstName, lastName, email, phone, birthday, active }: NewContact): Row {
    const {
      key,
      first,
      last,
      email: emailColumn,
      phone: phoneColumn,
      birthday: day,
      changed,
      inactive,
      interests,
    } = this.names;
    return {
      [key]: id,
      [first]: firstName ?? '',
      [last]: lastName ?? '',
      [emailColumn]: email ?? '',
      [phoneColumn]: phone ?? '',
      [day]: birthday ? `${birthday}T00:00:00` : '',
      [inactive]: active === false ? '1' : '0',
      [interests]: '',
      [changed]: this.#time(),
    };
  }

  addContact(contact: NewContact = {}): string {
    const id = this.newKey();
    const { firstName = 'Ada', lastName = `Number ${id}`, email = `ada.${id}@example.org` } = contact;
    this.contacts.set(id, this.#row(id, { ...contact, firstName, lastName, email }));
    this.version += 1;
    this.onChange(id, 'Create');
    return id;
  }

  changeContact(id: string, change: NewContact): void {
    const { first, last, email, phone } = this.names;
    this.changeRow(id, {
      ...(change.firstName !== undefined && { [first]: change.firstName }),
      ...(change.lastName !== undefined && { [last]: change.lastName }),
      ...(change.email !== undefined && { [email]: change.email }),
      ...(change.phone !== undefined && { [phone]: change.phone }),
    });
  }

  changeRow(id: string, change: Row): void {
    const row = this.contacts.get(id);
    if (!row) throw new Error(`There is no contact ${id}.`);
    Object.assign(row, { [this.names.changed]: this.#time() }, change);
    this.version += 1;
    this.onChange(id, 'Update');
  }

  deleteContact(id: string): void {
    this.#bin.set(id, this.contacts.get(id)!);
    this.contacts.delete(id);
    this.version += 1;
    this.onChange(id, 'Delete');
  }

  restoreContact(id: string): void {
    this.version += 1;
    this.contacts.set(id, this.#bin.get(id)!);
  }

  mergeContact(id: string, into: string): void {
    for (const [profile, ids] of this.members) {
      if (ids.includes(id)) this.members.set(profile, [...new Set([...ids.filter((one) => one !== id), into])]);
    }
    this.deleteContact(id);
  }

  addList(name: string, members: readonly string[] = []): string {
    this.version += 1;
    const id = this.newKey();
    this.profiles.set(id, { [this.names.profileKey]: id, [this.names.profileName]: name, profArchived: '0' });
    this.members.set(id, [...members]);
    return id;
  }

  renameList(id: string, name: string): void {
    this.version += 1;
    this.profiles.get(id)![this.names.profileName] = name;
  }

  deactivateList(): void {
    throw new Error('efficy has no switched-off profiles.');
  }

  deleteList(id: string): void {
    this.version += 1;
    this.#bin.set(id, this.profiles.get(id)!);
    this.profiles.delete(id);
  }

  restoreList(id: string): void {
    this.version += 1;
    this.profiles.set(id, this.#bin.get(id)!);
  }

  addMembers(listId: string, ids: readonly string[]): void {
    this.version += 1;
    this.members.set(listId, [...new Set([...(this.members.get(listId) ?? []), ...ids])]);
  }

  removeMembers(listId: string, ids: readonly string[]): void {
    this.version += 1;
    this.members.set(
      listId,
      (this.members.get(listId) ?? []).filter((id) => !ids.includes(id)),
    );
  }

  membersOf(listId: string): string[] {
    return (this.members.get(listId) ?? []).filter((id) => this.contacts.get(id)?.[this.names.inactive] === '0');
  }

  addQuery(name: string, run: StoredQuery['run']): string {
    const key = this.newKey();
    this.version += 1;
    this.queries.set(key, { name, run });
    return key;
  }

  /** The database's time: an hour ahead of UTC, two in summer, without saying so. */
  #time(): string {
    return inZone(new Date(this.now()), 'Europe/Brussels');
  }
}
