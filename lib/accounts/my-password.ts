// Changing your own password: guesses at the current one are limited as at sign-in.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command, type Command } from '@/lib/access/command';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse } from '@/lib/access/refusal';
import type { UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import { requireAttempt, settleAttempt, type Limit } from './attempts';
import { hashPassword, passwordFits, refuseSamePassword, requireStrongPassword } from './passwords';
import { listOrganisationNames } from './queries';
import { PasswordSchema } from './schema';
import { beginSession } from './sessions';
import { requirePerson } from './users';

const MyPasswordInput = z.object({ current: z.string().max(400), password: PasswordSchema });

/** Stores a new hash if the current one is still the one that was checked; otherwise refuses. */
const replaceHash = command({
  name: 'users.change-my-password',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ checked: z.string(), passwordHash: z.string() }),
  run: async ({ tx, prisma, actor }, { checked, passwordHash }) => {
    const userId = requirePerson(actor);
    const [changed] = await prisma.user.updateManyAndReturn({
      where: { id: userId, passwordHash: checked },
      data: { passwordHash, sessionVersion: { increment: 1 } },
      select: { sessionVersion: true },
    });
    if (!changed) refuse('conflict', 'The password was changed a moment ago. Reload the page and try again.');
    const user = { userId, ...changed };
    return { ...user, sessionId: await beginSession(tx, user, actor.from) };
  },
  audit: (_input, { userId }) => ({ summary: 'Changed own password', subject: `user:${userId}` }),
});

type Changed = { userId: UserId; sessionVersion: number; sessionId: string };

async function change(actor: Actor, raw: unknown) {
  try {
    const { current, password } = parseInput(MyPasswordInput, raw);
    const userId = requirePerson(actor);
    const limits = ownPasswordLimits(userId);
    await requireAttempt(limits);
    const user = await prismaOn(pool()).user.findFirst({
      where: { id: userId },
      select: { passwordHash: true, email: true, name: true },
    });
    const checked = user?.passwordHash ?? null;
    if (!user || !(await passwordFits(checked, current)) || checked === null) {
      return refuse('invalid', 'This is not your current password.', { field: 'current' });
    }
    await settleAttempt(limits);
    if (password.normalize('NFKC') === current.normalize('NFKC')) refuseSamePassword();
    const names = await listOrganisationNames(pool(), actor.accountId);
    await requireStrongPassword(password, [user.email, user.name, ...names]);
    return await replaceHash(actor, { checked, passwordHash: await hashPassword(password) });
  } catch (error) {
    return refused(error);
  }
}

/** Changes the actor's own password. All their sessions and password links end; the answer has a new session to continue with. */
export const changeMyPassword: Command<Changed> = Object.assign(change, {
  commandName: replaceHash.commandName,
  scope: replaceHash.scope,
  allow: replaceHash.allow,
});

/** Of guesses at one's own current password, while signed in. */
export function ownPasswordLimits(userId: UserId): Limit[] {
  return [{ key: `password:${userId}`, free: 10, firstSeconds: 30, longestSeconds: 900, onSuccess: 'forget' }];
}
