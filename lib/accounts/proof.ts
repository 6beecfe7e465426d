// Showing once more who one is, before one's own way in is changed: the password, and a code where there is a second factor. A browser
// that somebody has left open is not enough.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import type { Db } from '@/lib/db/sql';
import { requireAttempt, settleAttempt } from './attempts';
import { withCode } from './code-check';
import { knownDevice } from './devices';
import { ownPasswordLimits } from './my-password';
import { passwordFits } from './passwords';
import { sealedToken } from './sealed-token';
import { requirePerson } from './users';

const proofToken = sealedToken('proof', z.object({ userId: UserIdSchema, sessionVersion: z.int() }), { minutes: 10 });

const ProofInput = z.object({ password: z.string().max(400), code: z.string().max(100).optional() });

/** Checks the actor's own password and code. The proof is for them alone, for ten minutes. `device`: the browser's device cookie. */
export async function proveMyself(actor: Actor, raw: unknown, device?: string): Promise<Result<{ proof: string }>> {
  try {
    const { password, code } = parseInput(ProofInput, raw);
    const userId = requirePerson(actor);
    const limits = ownPasswordLimits(userId);
    await requireAttempt(limits);
    const user = await prismaOn(pool()).user.findFirstOrThrow({
      where: { id: userId },
      select: { passwordHash: true, sessionVersion: true, email: true, secondFactor: { select: { userId: true } } },
    });
    if (user.passwordHash === null) {
      return refuse('conflict', 'You sign in at your identity provider, which also asks for a second factor.');
    }
    if (!(await passwordFits(user.passwordHash, password))) {
      return refuse('invalid', 'This is not your current password.', { field: 'password' });
    }
    await settleAttempt(limits);
    const { sessionVersion, email } = user;
    if (user.secondFactor) {
      const known = knownDevice(device, { userId, sessionVersion });
      const { accountId, name, from } = actor;
      await withCode({ userId, accountId, name, email, from, device: known }, code ?? '', async () => undefined);
    }
    return { ok: true, value: { proof: proofToken.make({ userId, sessionVersion }) } };
  } catch (error) {
    return refused(error);
  }
}

/** The acting person, if the proof is theirs and their password is still the same. */
export async function requireProof(db: Db, actor: Actor, proof: string): Promise<UserId> {
  const userId = requirePerson(actor);
  const shown = proofToken.read(proof);
  const user = await prismaOn(db).user.findFirst({ where: { id: userId }, select: { sessionVersion: true } });
  if (shown?.userId !== userId || shown.sessionVersion !== user?.sessionVersion) {
    refuse('conflict', 'Too much time has passed. Enter your password once more.');
  }
  return userId;
}
