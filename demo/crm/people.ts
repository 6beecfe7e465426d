// Who is in the made-up CRM: people of the section, and some whom it does not know.
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import type { Records } from './records';

export type Person = { firstName: string; lastName: string; email: string };

/** How many people of a section are in its CRM at most. */
const MOST = 240;

/** The oldest people of a section who have an email address; null if there is no such section. */
export async function peopleOf(section: SectionId): Promise<Person[] | null> {
  if (!(await maybeOne(pool(), sql`select from section where id = ${section}`))) return null;
  return rows<Person>(
    pool(),
    sql`
      select coalesce(profile.attributes ->> 'firstname', '') as "firstName",
        coalesce(profile.attributes ->> 'lastname', '') as "lastName", profile.attributes ->> 'email' as email
      from profile
      where profile.section_id = ${section} and profile.attributes ->> 'email' <> ''
      order by profile.id
      limit ${MOST}`,
  );
}

const STRANGERS: Person[] = [
  { firstName: 'Hedda', lastName: 'Sandvik', email: 'hedda.sandvik@example.org' },
  { firstName: 'Otto', lastName: 'Brandt', email: 'otto.brandt@example.org' },
  { firstName: 'Inés', lastName: 'Carrasco', email: 'ines.carrasco@example.org' },
  { firstName: 'Tom', lastName: 'Whitfield', email: '' },
];

/** Adds the contacts and three lists. On the first, some are unknown here, and one has the addresses of two people. */
export function addPeople(records: Records, people: readonly Person[]): void {
  // Before the contacts, so that the ids of lists do not depend on them.
  const [fair, vip, newsletter] = ['Trade fair Gothenburg', 'Key customers', 'Newsletter readers'].map((name) =>
    records.addList(name),
  ) as [string, string, string];
  const create = (person: Person) =>
    records.createContact({
      ...person,
      phone: '',
      birthday: '',
      company: '',
      position: '',
      active: true,
      deleted: false,
    });
  const known = people.map(create);
  const strangers = STRANGERS.map(create);
  const [one, other] = people.slice(-2);
  const shared = one && other ? [create({ ...one, email: `${one.email}; ${other.email}` })] : [];
  const every = (step: number) => known.filter((_, index) => index % step === 0);
  records.addMembers(fair, [...every(3), ...strangers, ...shared]);
  records.addMembers(vip, every(8));
  records.addMembers(newsletter, [...every(2), ...strangers.slice(0, 1)]);
}
