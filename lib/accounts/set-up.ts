// Creates the first account of an installation, with the one-time link that the server prints.
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import type { Origin } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import type { UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { refuseToken } from './accept';
import { createAccount, createSection, createUser } from './create';
import { hashToken, newToken } from '@/lib/db/tokens';
import { hashPassword, requireStrongPassword } from './passwords';
import { TimeZoneSchema } from '@/lib/text/time-zone';
import { EmailSchema, NameSchema, PasswordSchema } from './schema';
import { beginSession } from './sessions';

/** Creates a set-up link if there is no account yet (earlier links stop working); null otherwise. */
export async function ensureSetUpLink(baseUrl: string): Promise<string | null> {
  return transaction(async (tx) => {
    const account = await maybeOne(tx, sql`select from account limit 1`);
    if (account) return null;
    const { token, tokenHash } = newToken();
    await execute(
      tx,
      sql`
        insert into installation (id, set_up_token_hash) values (1, ${tokenHash})
        on conflict (id) do update set set_up_token_hash = excluded.set_up_token_hash
        where installation.set_up_at is null`,
    );
    return `${baseUrl}/set-up?token=${token}`;
  });
}

/** Whether a set-up link can still be used. */
export async function isSetUpToken(token: string): Promise<boolean> {
  const open = await maybeOne(
    pool(),
    sql`select from installation where set_up_token_hash = ${hashToken(token)} and set_up_at is null`,
  );
  return open !== undefined;
}

const USED = 'This link has been used or replaced. The newest link is in the server log.';

const SetUpInput = z.object({
  token: z.string().max(200),
  account: NameSchema,
  section: NameSchema,
  /** Of the browser, for the section. */
  timeZone: TimeZoneSchema.optional().catch(undefined),
  name: NameSchema,
  email: EmailSchema,
  password: PasswordSchema,
});

/**
 * Creates the account, its first section and its Owner. Not a command: there is no actor yet, and the link is the permission. If
 * the link is used twice at once, one use is refused.
 */
export async function setUp(
  raw: unknown,
  from: Origin,
): Promise<Result<{ slug: string; userId: UserId; sessionVersion: number; sessionId: string }>> {
  try {
    const input = parseInput(SetUpInput, raw);
    if (!(await isSetUpToken(input.token))) return await refuseToken(from, USED);
    await requireStrongPassword(input.password, [input.email, input.name, input.account, input.section]);
    const passwordHash = await hashPassword(input.password);
    const value = await transaction(async (tx) => {
      const used = await execute(
        tx,
        sql`
          update installation set set_up_at = ${new Date()}, set_up_token_hash = null
          where set_up_token_hash = ${hashToken(input.token)} and set_up_at is null`,
      );
      if (used === 0) refuse('not_found', USED);
      const accountId = await createAccount(tx, input.account);
      const section = await createSection(tx, accountId, { name: input.section, timeZone: input.timeZone });
      const userId = await createUser(tx, accountId, { ...input, role: 'owner', passwordHash, sections: 'all' });
      await recordAudit(tx, {
        accountId,
        sectionId: null,
        actorKind: 'user',
        userId,
        actorName: input.name,
        command: 'accounts.set-up',
        summary: `Set up the account “${input.account}”`,
        ...from,
      });
      const user = { userId, sessionVersion: 1 };
      return { slug: section.slug, ...user, sessionId: await beginSession(tx, user, from) };
    });
    return { ok: true, value };
  } catch (error) {
    return refused(error);
  }
}
