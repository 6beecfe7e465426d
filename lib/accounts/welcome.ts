// The end of a sign-in, whatever its steps were: the session, and the audit entry.
import type { Origin } from '@/lib/access/actor';
import { recordAudit } from '@/lib/audit/record';
import type { AccountId, UserId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { beginSession } from './sessions';

/** `sessionId` goes into the cookie. */
export type SignedIn = { userId: UserId; sessionVersion: number; sessionId: string; name: string; email: string };

/** Somebody who has shown who they are. */
export type Newcomer = Omit<SignedIn, 'sessionId'> & { accountId: AccountId };

export async function welcome(tx: Tx, newcomer: Newcomer, summary: string, from: Origin): Promise<SignedIn> {
  const { userId, sessionVersion, name, email, accountId } = newcomer;
  await recordAudit(tx, {
    accountId,
    sectionId: null,
    actorKind: 'user',
    userId,
    actorName: name,
    command: 'accounts.sign-in',
    summary,
    ...from,
  });
  return { userId, sessionVersion, sessionId: await beginSession(tx, newcomer, from), name, email };
}
