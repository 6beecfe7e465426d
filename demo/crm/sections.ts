// What the made-up CRM has for each section: contacts and lists that fit the section's people. Kept in a file, so that a restart
// changes nothing.
import fs from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '@/lib/db/embedded-files';
import type { SectionId } from '@/lib/db/ids';
import { Contract } from './contract';
import { addPeople, type Person } from './people';
import { Records } from './records';

/** How it answers its callers. */
export const MOODS = ['well', 'slow', 'failing', 'locked'] as const;
export type Mood = (typeof MOODS)[number];

const Contact = z.object({
  id: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string(),
  phone: z.string(),
  birthday: z.string(),
  company: z.string(),
  position: z.enum(['ceo', 'cfo', 'buyer', '']),
  active: z.boolean(),
  deleted: z.boolean(),
  changedAt: z.number(),
});
const List = z.object({
  id: z.string(),
  name: z.string(),
  active: z.boolean(),
  deleted: z.boolean(),
  changedAt: z.number(),
});
const Saved = z.record(
  z.string(),
  z.object({
    mood: z.enum(MOODS),
    nextId: z.number(),
    contacts: z.array(Contact),
    lists: z.array(List),
    members: z.record(z.string(), z.array(z.string())),
    /** Members as they were when a list was emptied. */
    emptied: z.record(z.string(), z.array(z.string())),
  }),
);

export type SectionCrm = {
  records: Records;
  contract: Contract;
  mood: Mood;
  /** By list: who was on it before it was emptied. */
  emptied: Map<string, string[]>;
};

/** `peopleOf`: people of a section, to begin with; null if there is no such section. */
export type Source = { file: string; apiKey: string; peopleOf: (section: SectionId) => Promise<Person[] | null> };

export class Sections {
  readonly #known = new Map<SectionId, SectionCrm>();
  readonly #making = new Map<SectionId, Promise<SectionCrm | null>>();
  readonly #source: Source;

  /** Reads the file. One that cannot be read is replaced: the CRM is then made again from the people of the sections. */
  constructor(source: Source) {
    this.#source = source;
    for (const [id, { mood, emptied, ...saved }] of Object.entries(readSaved(source.file))) {
      const crm = this.#open(Number(id) as SectionId);
      crm.records.load(saved);
      crm.mood = mood;
      for (const [listId, ids] of Object.entries(emptied)) crm.emptied.set(listId, ids);
    }
  }

  /** What was made for a section already. */
  known(section: SectionId): SectionCrm | undefined {
    return this.#known.get(section);
  }

  /** The CRM of a section, made now if nobody has asked for it before. Null if there is no such section. */
  async of(section: SectionId): Promise<SectionCrm | null> {
    const known = this.#known.get(section);
    if (known) return known;
    const making = this.#making.get(section) ?? this.#make(section).finally(() => this.#making.delete(section));
    this.#making.set(section, making);
    return making;
  }

  save(): void {
    const saved = [...this.#known].map(([section, { records, mood, emptied }]) => [
      section,
      {
        mood,
        nextId: records.nextId,
        contacts: [...records.contacts.values()],
        lists: [...records.lists.values()],
        members: Object.fromEntries([...records.members].map(([listId, ids]) => [listId, [...ids]])),
        emptied: Object.fromEntries(emptied),
      },
    ]);
    replaceFile(this.#source.file, JSON.stringify(Object.fromEntries(saved)));
  }

  async #make(section: SectionId): Promise<SectionCrm | null> {
    const people = await this.#source.peopleOf(section);
    if (!people) return null;
    const crm = this.#open(section);
    addPeople(crm.records, people);
    this.save();
    return crm;
  }

  #open(section: SectionId): SectionCrm {
    const records = new Records(Date.now);
    const contract = new Contract({ records, apiKey: this.#source.apiKey, base: `/${section}` });
    const crm: SectionCrm = { records, contract, mood: 'well', emptied: new Map() };
    this.#known.set(section, crm);
    return crm;
  }
}

function readSaved(file: string): z.output<typeof Saved> {
  try {
    return Saved.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
