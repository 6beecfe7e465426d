// Whoever decides where password links go could have one sent to themselves. So the sender of invitations and password links is the
// matter of those who may let anybody in.
import type { Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import type { SectionId, SenderId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { systemSender } from './queries';

/** Whether the actor may decide where password links go, and may read them. */
export const mayHandleLinks = (actor: Actor): boolean =>
  actor.kind === 'user' && actor.role === 'owner' && actor.sections === 'all';

/** Refuses unless the actor may decide where password links go. */
export function requireMayHandleLinks(actor: Actor): void {
  if (!mayHandleLinks(actor)) {
    refuse(
      'not_allowed',
      'Only Account Owners with access to all sections decide what invitations and password links go through.',
    );
  }
}

/** Refuses to let others change a sender that invitations and password links go through. */
export async function requireMayChangeSender(
  db: Db,
  actor: Actor,
  { sectionId, senderId }: { sectionId: SectionId; senderId: SenderId },
): Promise<void> {
  if (mayHandleLinks(actor)) return;
  const system = await systemSender(db, actor.accountId);
  if (system?.sectionId === sectionId && system.senderId === senderId) requireMayHandleLinks(actor);
}
