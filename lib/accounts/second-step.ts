// The second step of a sign-in: after the right password, people with a second factor enter a code, and those of whom their account
// requires one set it up. There is no session before that. In between the browser has a sealed token, for some minutes.
import { z } from 'zod';
import type { Origin } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { maybeOne, sql, type Db, type Tx } from '@/lib/db/sql';
import { recordAudit } from '@/lib/audit/record';
import { tell, withCode, type Proven } from './code-check';
import { knownDevice } from './devices';
import { sealedToken } from './sealed-token';
import { firstCode, newSetUp, storeFactor, type SetUp } from './second-factor';
import { newSecret } from './totp';
import { welcome, type Newcomer, type SignedIn } from './welcome';

/** Long enough to install an app first. */
export const STEP_MINUTES = 30;

const stepToken = sealedToken(
  'second-step',
  z.object({
    userId: UserIdSchema,
    sessionVersion: z.int(),
    how: z.enum(['password', 'link']),
    /** To be set up: the secret for the app, so that reloading the page shows the same. */
    secret: z.string().nullable(),
  }),
  { minutes: STEP_MINUTES },
);

/** The token of the step that remains. */
export type SecondStep = { token: string };

const ENDED = 'Too much time has passed, or your password was changed. Sign in again.';
const HOW = { password: 'by password', link: 'with a link' };

/** The step that remains after the password; undefined if there is none. */
export async function secondStepOf(
  db: Db,
  { userId, sessionVersion }: { userId: UserId; sessionVersion: number },
  how: 'password' | 'link',
): Promise<SecondStep | undefined> {
  const need = await maybeOne<{ hasFactor: boolean; isRequired: boolean }>(
    db,
    sql`
      select exists (select from second_factor where user_id = app_user.id) as "hasFactor",
        second_factor_required_at is not null as "isRequired"
      from app_user
      join account on account.id = account_id
      where app_user.id = ${userId}`,
  );
  if (!need?.hasFactor && !need?.isRequired) return undefined;
  return { token: stepToken.make({ userId, sessionVersion, how, secret: need.hasFactor ? null : newSecret() }) };
}

type Waiting = Newcomer & { hasFactor: boolean; how: 'password' | 'link'; secret: string | null };

/** Who is at the second step; undefined if it has ended. */
async function waitingAt(db: Db, token: string | undefined, at: Date): Promise<Waiting | undefined> {
  const step = stepToken.read(token, at);
  if (!step) return undefined;
  const person = await maybeOne<Newcomer & { hasFactor: boolean }>(
    db,
    sql`
      select id as "userId", account_id as "accountId", name, email, session_version as "sessionVersion",
        exists (select from second_factor where user_id = app_user.id) as "hasFactor"
      from app_user
      where id = ${step.userId} and session_version = ${step.sessionVersion} and deactivated_at is null`,
  );
  return person && { ...person, how: step.how, secret: step.secret };
}

/** What the page asks for: a code, or to set up an app. Undefined if the step has ended. */
export async function readSecondStep(token: string | undefined, at = new Date()): Promise<'code' | SetUp | undefined> {
  const waiting = await waitingAt(pool(), token, at);
  if (!waiting) return undefined;
  const { userId, email, hasFactor, secret } = waiting;
  if (hasFactor) return 'code';
  return secret === null ? undefined : newSetUp(userId, email, secret);
}

const CodeInput = z.object({ code: z.string().max(100) });
const SetUpInput = CodeInput.extend({ setUp: z.string().max(2_000) });

/** Ends the sign-in with a code. `device`: the browser's device cookie; `at`: the present. */
export async function finishWithCode(
  token: string | undefined,
  raw: unknown,
  from: Origin,
  device?: string,
  at = new Date(),
): Promise<Result<SignedIn>> {
  try {
    const { code } = parseInput(CodeInput, raw);
    const waiting = (await waitingAt(pool(), token, at)) ?? refuse('not_found', ENDED);
    const asked = { ...waiting, from, device: knownDevice(device, waiting) };
    const finish = async (tx: Tx, proven: Proven) => {
      const still = (await waitingAt(tx, token, at)) ?? refuse('not_found', ENDED);
      const by = proven === 'app' ? 'and a code' : 'and a recovery code';
      return welcome(tx, still, `Signed in ${HOW[waiting.how]} ${by}`, from);
    };
    const value = await withCode(asked, code, finish, at);
    return { ok: true, value };
  } catch (error) {
    return refused(error);
  }
}

/** Ends the sign-in by setting up an app with its first code. The recovery codes are shown once. */
export async function finishBySettingUp(
  token: string | undefined,
  raw: unknown,
  from: Origin,
  at = new Date(),
): Promise<Result<SignedIn & { codes: string[] }>> {
  try {
    const { code, setUp } = parseInput(SetUpInput, raw);
    const value = await transaction((tx) => settingUp(tx, token, { code, setUp }, from, at), RACE_CODES);
    return { ok: true, value };
  } catch (error) {
    return refused(error);
  }
}

async function settingUp(
  tx: Tx,
  token: string | undefined,
  { code, setUp }: z.output<typeof SetUpInput>,
  from: Origin,
  at: Date,
) {
  const known = (await waitingAt(tx, token, at)) ?? refuse('not_found', ENDED);
  await maybeOne(tx, sql`select from app_user where id = ${known.userId} for no key update`);
  const waiting = (await waitingAt(tx, token, at)) ?? refuse('not_found', ENDED);
  if (waiting.hasFactor) {
    refuse('not_found', 'Two-factor sign-in has been set up already, perhaps in another browser. Sign in again.');
  }
  const { userId, accountId, name } = waiting;
  const codes = await storeFactor(tx, userId, firstCode(userId, setUp, code, at), at);
  await recordAudit(tx, {
    accountId,
    sectionId: null,
    actorKind: 'user',
    userId,
    actorName: name,
    command: 'users.set-up-second-factor',
    subject: `user:${userId}`,
    summary: 'Set up two-factor sign-in, which the account requires',
    ...from,
  });
  await tell(tx, { ...waiting, from }, { what: 'set-up' });
  return { ...(await welcome(tx, waiting, `Signed in ${HOW[waiting.how]} and a code`, from)), codes };
}
