// Using an invitation or password link. Not a command: the link is the permission, and its validity is checked at this moment
// (links.ts).
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import type { Origin } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { networkOf } from '@/lib/config/address-range';
import type { UserId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import type { Tx } from '@/lib/db/sql';
import { requireAttempt } from './attempts';
import { createUser } from './create';
import { findOpenLink, lockOpenLink, type OpenLink } from './links';
import { hashPassword, passwordFits, refuseSamePassword, requireStrongPassword } from './passwords';
import { listOrganisationNames } from './queries';
import { NameSchema, PasswordSchema } from './schema';
import { secondStepOf, type SecondStep } from './second-step';
import { beginSession } from './sessions';

const AcceptInput = z.object({ token: z.string().max(200), name: NameSchema.optional(), password: PasswordSchema });
const ENDED = 'This link has been used, has been revoked or has expired. Ask for a new one.';

/** Who used the link, and their new session or the step that is left before they have one. */
export type Accepted = { email: string; userId: UserId; sessionVersion: number } & (
  | { sessionId: string; step?: undefined }
  | { sessionId?: undefined; step: SecondStep }
);

/** Uses an invitation or password link. If one link is used twice at once, one use is refused. */
export async function acceptInvitation(raw: unknown, from: Origin): Promise<Result<Accepted>> {
  try {
    const input = parseInput(AcceptInput, raw);
    // Checked first, so that no time is spent hashing a password for an invalid link.
    const link = await findOpenLink(pool(), input.token);
    if (!link) return await refuseToken(from, ENDED);
    if (!link.person && !input.name) refuse('invalid', 'Enter your name.', { field: 'name' });
    const names = await listOrganisationNames(pool(), link.accountId);
    await requireStrongPassword(input.password, [link.email, input.name ?? link.person?.name ?? '', ...names]);
    if (link.person) await requireOtherPassword(link.person.userId, input.password);
    const passwordHash = await hashPassword(input.password);
    const value = await transaction(async (tx): Promise<Accepted> => {
      const open = await lockOpenLink(tx, input.token);
      if (!open) refuse('not_found', ENDED);
      await prismaOn(tx).invitation.update({
        where: { id: open.id },
        data: { acceptedAt: new Date() },
        select: { id: true },
      });
      const user = open.person
        ? await setPassword(tx, open.person.userId, passwordHash)
        : await join(tx, open, input.name ?? '', passwordHash);
      await recordUse(tx, open, input.name, user.userId, from);
      const step = await secondStepOf(tx, user, 'link');
      const used = { email: open.email, ...user };
      return step ? { ...used, step } : { ...used, sessionId: await beginSession(tx, user, from) };
    }, RACE_CODES);
    return { ok: true, value };
  } catch (error) {
    return refused(error);
  }
}

/** Refuses the person's present password. This reveals little: a wrong guess uses up the link. */
async function requireOtherPassword(userId: UserId, password: string): Promise<void> {
  const { passwordHash } = await prismaOn(pool()).user.findFirstOrThrow({
    where: { id: userId },
    select: { passwordHash: true },
  });
  if (await passwordFits(passwordHash, password)) refuseSamePassword();
}

/** Refuses an invalid token, and slows down repeated attempts. */
export async function refuseToken(from: Origin, message: string): Promise<never> {
  const key = `token:${networkOf(from.ip)}`;
  await requireAttempt([{ key, free: 100, firstSeconds: 1, longestSeconds: 5, onSuccess: 'forget' }]);
  return refuse('not_found', message);
}

async function join(tx: Tx, { accountId, email, role, sections }: OpenLink, name: string, passwordHash: string) {
  const known = await prismaOn(tx).user.findFirst({ where: { email }, select: { id: true } });
  if (known) refuse('name_taken', 'A user with this email address already exists. Sign in instead.');
  const userId = await createUser(tx, accountId, { email, name, role, passwordHash, sections });
  return { userId, sessionVersion: 1 };
}

/** Sets a password; ends all sessions and all other password links. */
async function setPassword(tx: Tx, userId: UserId, passwordHash: string) {
  const { sessionVersion } = await prismaOn(tx).user.update({
    where: { id: userId },
    data: { passwordHash, sessionVersion: { increment: 1 } },
    select: { sessionVersion: true },
  });
  return { userId, sessionVersion };
}

/** Records the use of a link in the audit log: who it was for, who made it, and the address it was used from. */
function recordUse(tx: Tx, link: OpenLink, name: string | undefined, userId: UserId, from: Origin): Promise<void> {
  const { id, accountId, person, maker } = link;
  return recordAudit(tx, {
    accountId,
    sectionId: null,
    actorKind: 'user',
    userId,
    actorName: person?.name ?? name ?? link.email,
    command: person ? 'users.set-password' : 'users.accept-invitation',
    subject: `user:${userId}`,
    summary: person
      ? link.asked
        ? 'Set a new password with a link sent by mail'
        : `Set a new password with a link from ${maker.name}`
      : `Accepted the invitation of ${maker.name}`,
    details: { invitation: id, madeBy: maker.name },
    ...from,
  });
}
