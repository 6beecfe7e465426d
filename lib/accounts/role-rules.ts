// What people may do to each other, by their roles and sections. It takes both: the role, and access to every section that the other
// person, invitation or API key has.
import type { Actor, Role } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { ROLE_NAMES } from './schema';

export type Sections = 'all' | readonly SectionId[];

/** What somebody has or is given: a role and access to sections. */
export type Access = { role: Role; sections: Sections };

/** The sections that the actor may see. */
export const sectionsOf = (actor: Actor): Sections => (actor.kind === 'system' ? 'all' : actor.sections);

/** Whether a person of this role may create, change or remove a user of the other. */
function mayManageRole(person: { role: Role }, role: Role): boolean {
  return person.role === 'owner' || (person.role === 'admin' && role === 'user');
}

/** Whether somebody with `own` sections can access all the others. */
export function covers(own: Sections, sections: Sections): boolean {
  if (own === 'all') return true;
  return sections !== 'all' && sections.every((id) => own.includes(id));
}

/** Whether a person may create, change or remove a user, invitation or password link with this access. */
export function mayGovern(person: Access, other: Access): boolean {
  return mayManageRole(person, other.role) && covers(person.sections, other.sections);
}

/** The same for an actor. */
export function actorMayGovern(actor: Actor, other: Access): boolean {
  return actor.kind === 'system' || (actor.kind === 'user' && mayGovern(actor, other));
}

/**
 * What the actor is shown of a list of sections: those that they can access, and whether there are others. Undefined if they can
 * access none of them.
 */
export function visibleSections(
  actor: Actor,
  sections: Sections,
): { sections: 'all' | SectionId[]; hasOthers: boolean } | undefined {
  const own = sectionsOf(actor);
  if (sections === 'all') return { sections, hasOthers: false };
  const seen = sections.filter((id) => covers(own, [id]));
  return seen.length === 0 ? undefined : { sections: seen, hasOthers: seen.length < sections.length };
}

/** Refuses unless the actor may create, change or remove a user of this role. */
export function requireMayManageRole(actor: Actor, role: Role): void {
  if (actor.kind === 'system' || (actor.kind === 'user' && mayManageRole(actor, role))) return;
  refuse('not_allowed', `Only Account Owners can add, change or remove an ${ROLE_NAMES[role]}.`);
}

/** Refuses unless the actor may give access to these sections. */
export function requireMayGrantSections(actor: Actor, sections: Sections): void {
  if (covers(sectionsOf(actor), sections)) return;
  refuse('not_allowed', 'You can only give access to sections that you can access yourself.', { field: 'sections' });
}

const HAS_ACCESS = {
  person: 'This person has access',
  invitation: 'This invitation gives access',
  'api-key': 'This API key has access',
};

/** Refuses unless the actor can access all sections of a person, invitation or API key. */
export function requireCovers(actor: Actor, sections: Sections, of: keyof typeof HAS_ACCESS): void {
  if (covers(sectionsOf(actor), sections)) return;
  refuse(
    'not_allowed',
    `${HAS_ACCESS[of]} to sections that you cannot access. Ask an Account Owner who can access them.`,
  );
}

/** Refuses unless the actor may change a person, or end an invitation, with this access. */
export function requireMayGovern(
  actor: Actor,
  { role, sections }: Access,
  of: 'person' | 'invitation' = 'person',
): void {
  requireMayManageRole(actor, role);
  requireCovers(actor, sections, of);
}
