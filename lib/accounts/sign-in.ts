// Sign-in by password or by an identity provider: throttled by email and by address, the same answer whoever is asked for.
import { recordAudit } from '@/lib/audit/record';
import type { Origin } from '@/lib/access/actor';
import type { AccountId, UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql } from '@/lib/db/sql';
import { passwordFits } from './passwords';

const FAILURES_PER_EMAIL = 10;
const FAILURES_PER_ADDRESS = 100;
const WINDOW_MINUTES = 15;

export type SignedIn = { userId: UserId; sessionVersion: number; name: string; email: string };
export type SignInResult = { ok: true; user: SignedIn } | { ok: false; reason: 'wrong' | 'throttled' };

type Candidate = {
  id: UserId;
  accountId: AccountId;
  name: string;
  passwordHash: string | null;
  sessionVersion: number;
};

/** Checks email and password. After too many failures nobody gets in by that email or address for a quarter of an hour. */
export async function signInWithPassword(email: string, password: string, from: Origin): Promise<SignInResult> {
  const wanted = email.trim().toLowerCase();
  const keys = [`email:${wanted}`, ...(from.ip ? [`ip:${from.ip}`] : [])];
  if (await isThrottled(keys)) return { ok: false, reason: 'throttled' };
  const candidate = await findCandidate(wanted);
  if (!(await passwordFits(candidate?.passwordHash ?? null, password)) || !candidate) {
    await countFailure(keys);
    return { ok: false, reason: 'wrong' };
  }
  await execute(pool(), sql`delete from sign_in_attempt where key = ${keys[0]}`);
  return { ok: true, user: await welcome(candidate, wanted, 'password', from) };
}

/** Signs in the existing user with this address, which the identity provider has verified. */
export async function signInWithProvider(verifiedEmail: string, from: Origin): Promise<SignInResult> {
  const wanted = verifiedEmail.trim().toLowerCase();
  const candidate = await findCandidate(wanted);
  if (!candidate) return { ok: false, reason: 'wrong' };
  return { ok: true, user: await welcome(candidate, wanted, 'identity provider', from) };
}

function findCandidate(email: string): Promise<Candidate | undefined> {
  return maybeOne<Candidate>(
    pool(),
    sql`
      select id, account_id as "accountId", name, password_hash as "passwordHash", session_version as "sessionVersion"
      from app_user
      where email = ${email} and deactivated_at is null`,
  );
}

async function welcome(candidate: Candidate, email: string, how: string, from: Origin): Promise<SignedIn> {
  await execute(pool(), sql`update app_user set last_sign_in_at = now() where id = ${candidate.id}`);
  await recordAudit(pool(), {
    accountId: candidate.accountId,
    sectionId: null,
    actorKind: 'user',
    userId: candidate.id,
    actorName: candidate.name,
    command: 'accounts.sign-in',
    summary: `Signed in by ${how}`,
    ...from,
  });
  return { userId: candidate.id, sessionVersion: candidate.sessionVersion, name: candidate.name, email };
}

async function isThrottled(keys: string[]): Promise<boolean> {
  const { throttled } = await one<{ throttled: boolean }>(
    pool(),
    sql`
      select exists (
        select from sign_in_attempt
        where key = any(${keys})
          and window_start > now() - make_interval(mins => ${WINDOW_MINUTES})
          and failures >= case when key like 'ip:%' then ${FAILURES_PER_ADDRESS}::int else ${FAILURES_PER_EMAIL}::int end
      ) as throttled`,
  );
  return throttled;
}

async function countFailure(keys: string[]): Promise<void> {
  await rows(
    pool(),
    sql`
      insert into sign_in_attempt as attempt (key, failures, window_start)
      select key, 1, now() from unnest(${keys}::text[]) key
      on conflict (key) do update
      set failures = case when attempt.window_start > now() - make_interval(mins => ${WINDOW_MINUTES})
                          then attempt.failures + 1 else 1 end,
          window_start = case when attempt.window_start > now() - make_interval(mins => ${WINDOW_MINUTES})
                              then attempt.window_start else now() end`,
  );
}
