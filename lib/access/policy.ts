// Who may do what: the complete rules.
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import type { Actor } from './actor';
import { refuse } from './refusal';

/**
 * `readers`: any signed-in person of the account, and any API key; `everyone`: any signed-in person of the account, and API keys that may write; `integrators`: Account Owners and Admins,
 * and API keys that may write; `admins`: Account Owners and Admins; `owners`: Account Owners.
 */
export type Allowed = 'readers' | 'everyone' | 'integrators' | 'admins' | 'owners';

const READ_ONLY = 'This API key may only read. Use one that may write (Settings → API keys).';
const MESSAGES: Record<'admins' | 'owners', string> = {
  admins: 'Only Account Owners and Admins can do this. Ask one of them.',
  owners: 'Only Account Owners can do this. Ask one of them.',
};

/** Whether the actor's role is enough. */
export function mayAct(actor: Actor, allowed: Allowed): boolean {
  if (actor.kind === 'system' || allowed === 'readers') return true;
  if (actor.kind === 'client') return (allowed === 'everyone' || allowed === 'integrators') && actor.canWrite;
  if (allowed === 'owners') return actor.role === 'owner';
  if (allowed === 'admins' || allowed === 'integrators') return actor.role !== 'user';
  return true;
}

/** Whether the actor may see and work in the section. The section must be of the actor's account. */
export function maySeeSection(actor: Actor, sectionId: SectionId): boolean {
  return actor.kind === 'system' || actor.sections === 'all' || actor.sections.includes(sectionId);
}

/** Whether the actor may use keys of the keyspace. The keyspace must be of the actor's account. */
export function mayUseKeyspace(actor: Actor, keyspaceId: KeyspaceId): boolean {
  return actor.kind !== 'client' || actor.keyspaces === 'all' || actor.keyspaces.includes(keyspaceId);
}

/** Refuses with `not_allowed` unless the actor's role is enough. */
export function requireAllowed(actor: Actor, allowed: Allowed): void {
  if (allowed === 'readers' || mayAct(actor, allowed)) return;
  if (allowed === 'everyone' || (allowed === 'integrators' && actor.kind === 'client'))
    refuse('not_allowed', READ_ONLY);
  refuse('not_allowed', MESSAGES[allowed === 'integrators' ? 'admins' : allowed]);
}
