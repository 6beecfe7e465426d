// Who does something. Every command is given one; it is loaded anew for each request, so that rights bite at once.
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';

export const ROLES = ['owner', 'admin', 'user'] as const;
export type Role = (typeof ROLES)[number];

/** Where a request came from, for the audit log. */
export type Origin = { ip: string | null; userAgent: string | null };

/** A signed-in person. `sections`: the sections that this person may see. */
export type UserActor = {
  kind: 'user';
  userId: UserId;
  accountId: AccountId;
  role: Role;
  name: string;
  email: string;
  sections: 'all' | readonly SectionId[];
  from: Origin;
};

/** Tagwell itself: set-up, sample data, clean-up. */
export type SystemActor = { kind: 'system'; accountId: AccountId; name: string; from: Origin };

export type Actor = UserActor | SystemActor;

/** The id of the person, or null where Tagwell itself acts. */
export function actorUserId(actor: Actor): UserId | null {
  return actor.kind === 'user' ? actor.userId : null;
}
