// Sign-in by password or identity provider: guesses are slowed down, and the answer does not reveal whether the address exists.
import type { Origin } from '@/lib/access/actor';
import { networkOf } from '@/lib/config/address-range';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Db } from '@/lib/db/sql';
import { settleAttempt, takeAttempt, type Limit } from './attempts';
import { knownDevice } from './devices';
import type { Identity } from './identity';
import { passwordFits } from './passwords';
import { EmailSchema } from './schema';
import { secondStepOf, type SecondStep } from './second-step';
import { welcome, type Newcomer, type SignedIn } from './welcome';

export type PasswordResult =
  | { ok: true; user: SignedIn }
  | { ok: false; reason: 'wrong' }
  /** The password was right. */
  | { ok: false; reason: 'second-step'; step: SecondStep }
  | { ok: false; reason: 'throttled'; waitSeconds: number };

type Candidate = Newcomer & { passwordHash: string | null };

/**
 * Checks email and password. `device`: the browser's device cookie. The attempt is counted before the password is checked, so that
 * concurrent guesses cannot exceed the limit.
 */
export async function signInWithPassword(
  email: string,
  password: string,
  from: Origin,
  device?: string,
): Promise<PasswordResult> {
  const wanted = email.trim().toLowerCase();
  const candidate = await findByEmail(pool(), wanted);
  const known = candidate && knownDevice(device, candidate);
  const limits = known ? limitsOfDevice(known) : limitsOfStranger(wanted, from);
  const attempt = await takeAttempt(limits);
  if (!attempt.ok) return { ok: false, reason: 'throttled', waitSeconds: attempt.waitSeconds };
  if (!(await passwordFits(candidate?.passwordHash ?? null, password)) || !candidate) {
    return { ok: false, reason: 'wrong' };
  }
  await settleAttempt(limits);
  const step = await secondStepOf(pool(), candidate, 'password');
  if (step) return { ok: false, reason: 'second-step', step };
  const user = await transaction((tx) => welcome(tx, candidate, 'Signed in by password', from));
  return { ok: true, user };
}

function limitsOfDevice(device: string): Limit[] {
  return [{ key: `device:${device}`, free: 10, firstSeconds: 30, longestSeconds: 900, onSuccess: 'forget' }];
}

/** Limits for unknown browsers: per person and network, per person, and per network. */
function limitsOfStranger(email: string, { ip }: Origin): Limit[] {
  const network = networkOf(ip);
  // The address can be any text; JSON escapes NUL, and the form limits the length.
  const person = JSON.stringify(email);
  return [
    { key: `email:${person}:${network}`, free: 10, firstSeconds: 30, longestSeconds: 900, onSuccess: 'forget' },
    { key: `email:${person}`, free: 50, firstSeconds: 30, longestSeconds: 300, onSuccess: 'forget' },
    { key: `network:${network}`, free: 100, firstSeconds: 1, longestSeconds: 5, onSuccess: 'give back' },
  ];
}

export type ProviderResult =
  | { ok: true; user: SignedIn }
  | { ok: false; reason: 'unknown' | 'unverified' | 'other-identity' };

/**
 * Signs in the person that the identity provider names, by issuer and subject. A second factor is the provider's to ask for. At the first sign-in, the verified address finds the
 * user, and issuer and subject are stored.
 */
export async function signInWithProvider(identity: Identity, from: Origin): Promise<ProviderResult> {
  return transaction(async (tx) => {
    const bound = await findByIdentity(tx, identity);
    if (bound && !bound.active) return { ok: false, reason: 'unknown' };
    if (bound) return { ok: true, user: await welcome(tx, bound, 'Signed in by the identity provider', from) };
    if (!identity.emailVerified) return { ok: false, reason: 'unverified' };
    const found = identity.email === null ? undefined : await findByEmail(tx, identity.email.trim().toLowerCase());
    if (!found) return { ok: false, reason: 'unknown' };
    const kept = await execute(
      tx,
      sql`
        update app_user set identity_issuer = ${identity.issuer}, identity_subject = ${identity.subject}
        where id = ${found.userId} and (
          identity_subject is null
          or (identity_issuer = ${identity.issuer} and identity_subject = ${identity.subject})
        )`,
    );
    if (kept === 0) return { ok: false, reason: 'other-identity' };
    const how = 'Signed in by the identity provider for the first time; it is linked from now on';
    return { ok: true, user: await welcome(tx, found, how, from) };
  }, RACE_CODES);
}

const candidateColumns = sql`
  id as "userId", account_id as "accountId", name, email, password_hash as "passwordHash",
  session_version as "sessionVersion"`;

async function findByEmail(db: Db, email: string): Promise<Candidate | undefined> {
  if (!EmailSchema.safeParse(email).success) return undefined;
  return maybeOne<Candidate>(
    db,
    sql`select ${candidateColumns} from app_user where email = ${email} and deactivated_at is null`,
  );
}

function findByIdentity(db: Db, { issuer, subject }: Identity): Promise<(Candidate & { active: boolean }) | undefined> {
  return maybeOne<Candidate & { active: boolean }>(
    db,
    sql`
      select ${candidateColumns}, deactivated_at is null as active from app_user
      where identity_issuer = ${issuer} and identity_subject = ${subject}`,
  );
}
