// What people may do to each other, by their roles and sections.
import type { Role } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';

export type Sections = 'all' | readonly SectionId[];

/** Whether a person of this role may create, change or remove a user of the other. */
export function mayManageRole(person: { role: Role }, role: Role): boolean {
  return person.role === 'owner' || (person.role === 'admin' && role === 'user');
}

/** Whether somebody with these sections may give access to those: nobody gives access that they lack. */
export function mayGrantSections(granter: { sections: Sections }, sections: Sections): boolean {
  if (granter.sections === 'all') return true;
  const own = granter.sections;
  return sections !== 'all' && sections.every((id) => own.includes(id));
}
