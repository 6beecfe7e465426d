// The removal guard: removals that look like a mistake in the CRM wait for a person's answer.
import type { Guard, HoldKind } from './schema';

/** Why removals wait. `reason`: for a person. */
export type Hold = { kind: HoldKind; reason: string };

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

/** Why the list's removals must wait; null if they need not. */
export function reasonToHold({ had, removes, seen, definitionChanged }: Judged, guard: Guard): Hold | null {
  if (removes === 0) return null;
  if (removes === had && had >= guard.emptied) {
    const now = seen === 0 ? 'The list is empty now.' : 'The list has only other people now.';
    return {
      kind: 'emptied',
      reason: `${now} ${people(had)} have the tag through it, and would lose it.`,
    };
  }
  const share = (removes / had) * 100;
  if (definitionChanged && share > CHANGED_SHARE) {
    return {
      kind: 'definition',
      reason: `The list’s definition was changed in the CRM, and ${people(removes)} would lose the tag: ${Math.round(share)} % of those who have it through this list.`,
    };
  }
  if (removes >= guard.atLeast && share >= guard.share) {
    return {
      kind: 'share',
      reason: `${people(removes)} would lose the tag: ${Math.round(share)} % of those who have it through this list. The limit is ${guard.share} %.`,
    };
  }
  return null;
}

/** Why all removals of a run must wait; null if they need not. `removes`: of all lists. */
export function reasonToHoldAll(
  { removes, identityChanged }: { removes: number; identityChanged: boolean },
  guard: Guard,
): Hold | null {
  if (removes === 0) return null;
  if (identityChanged) {
    return {
      kind: 'identity',
      reason: 'The CRM is read by another user than before, who may see fewer contacts.',
    };
  }
  if (removes > guard.inAll) {
    return {
      kind: 'total',
      reason: `${people(removes)} would lose a tag in this sync. The limit for all lists together is ${guard.inAll.toLocaleString('en-GB')}.`,
    };
  }
  return null;
}
