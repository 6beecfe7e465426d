// Who acts. Every command gets an actor, which is loaded for each request so that changed rights take effect at once.
import type { AccountId, ApiKeyId, KeyspaceId, SectionId, UserId } from '@/lib/db/ids';

export const ROLES = ['owner', 'admin', 'user'] as const;
export type Role = (typeof ROLES)[number];

/** Where a request came from, for the audit log. `requestId`: of the HTTP request, for the log of the process. */
export type Origin = { ip: string | null; userAgent: string | null; requestId?: string };

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
  /** Of the browser, where there is one. */
  sessionId?: string;
};

/** Tagwell itself: set-up, sample data, clean-up. */
export type SystemActor = { kind: 'system'; accountId: AccountId; name: string; from: Origin };

/** A client of the REST API, with what its key allows. */
export type ClientActor = {
  kind: 'client';
  apiKeyId: ApiKeyId;
  accountId: AccountId;
  name: string;
  sections: 'all' | readonly SectionId[];
  keyspaces: 'all' | readonly KeyspaceId[];
  canWrite: boolean;
  from: Origin;
};

export type Actor = UserActor | SystemActor | ClientActor;

/** The id of the acting person, or null if no person acts. */
export function actorUserId(actor: Actor): UserId | null {
  return actor.kind === 'user' ? actor.userId : null;
}

/** The acting API key, or null. */
export function actorApiKeyId(actor: Actor): ApiKeyId | null {
  return actor.kind === 'client' ? actor.apiKeyId : null;
}

/** A short text that identifies the actor uniquely. */
export function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return `user:${actor.userId}`;
    case 'client':
      return `client:${actor.apiKeyId}`;
    case 'system':
      return `system:${actor.name}`;
  }
}
