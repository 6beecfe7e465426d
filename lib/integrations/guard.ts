// The removal guard: removals that look like a mistake in the CRM wait for a person's answer.
import type { Guard } from './schema';

/** A list of a run, as the guard judges it. */
export type Judged = {
  /** Profiles that it claimed before the run. */
  had: number;
  removes: number;
  /** Contacts that were read. */
  seen: number;
  /** The text of its definition is another than at the last complete run. */
  definitionChanged: boolean;
};

/** Percent of the members, from which a changed definition holds removals. */
const CHANGED_SHARE = 10;

const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

/** Why the list's removals must wait, for a person; null if they need not. */
export function reasonToHold({ had, removes, seen, definitionChanged }: Judged, guard: Guard): string | null {
  if (removes === 0) return null;
  if (seen === 0 && had >= guard.emptied) {
    return `The list is empty now. ${people(had)} have the tag through it, and would lose it.`;
  }
  const share = (removes / had) * 100;
  if (removes >= guard.atLeast && share >= guard.share) {
    return `${people(removes)} would lose the tag: ${Math.round(share)} % of those who have it through this list. The limit is ${guard.share} %.`;
  }
  if (definitionChanged && share > CHANGED_SHARE) {
    return `The list’s definition was changed in the CRM, and ${people(removes)} would lose the tag: ${Math.round(share)} % of those who have it through this list.`;
  }
  return null;
}

/** Why all removals of a run must wait; null if they need not. `removes`: of all lists. */
export function reasonToHoldAll(
  { removes, identityChanged }: { removes: number; identityChanged: boolean },
  guard: Guard,
): string | null {
  if (removes === 0) return null;
  if (identityChanged) {
    return 'The CRM is read by another user than before, who may see fewer contacts.';
  }
  if (removes > guard.inAll) {
    return `${people(removes)} would lose a tag in this sync. The limit for all lists together is ${guard.inAll.toLocaleString('en-GB')}.`;
  }
  return null;
}
