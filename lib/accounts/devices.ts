// Browsers in which somebody has signed in before: a sealed cookie says so. They have an allowance of guesses of their own,
// so that guesses from elsewhere cannot keep the person out (OWASP's device cookies).
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { seal, unseal } from '@/lib/config/seal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';

export const DEVICE_COOKIE = 'tagwell-device';
/** Seconds that a browser stays known, from its last sign-in on. */
export const DEVICE_SECONDS = 365 * 24 * 60 * 60;
/** People per browser: the one that signed in longest ago is forgotten. */
const PEOPLE = 5;

const DeviceSchema = z.object({
  kind: z.literal('device'),
  people: z.array(z.object({ userId: UserIdSchema, sessionVersion: z.number(), id: z.string() })),
});
type Known = z.infer<typeof DeviceSchema>['people'];

/**
 * The id under which the browser is known for this user; undefined where it is not, or no longer since the password was
 * changed. `cookie`: what the browser sent.
 */
export function knownDevice(
  cookie: string | undefined,
  user: { userId: UserId; sessionVersion: number },
): string | undefined {
  return read(cookie).find((one) => one.userId === user.userId && one.sessionVersion === user.sessionVersion)?.id;
}

/** The cookie by which the browser is known for this user from now on, beside the people it was known for. */
export function rememberDevice(
  cookie: string | undefined,
  { userId, sessionVersion }: { userId: UserId; sessionVersion: number },
): string {
  const others = read(cookie).filter((one) => one.userId !== userId);
  const people = [{ userId, sessionVersion, id: randomUUID() }, ...others].slice(0, PEOPLE);
  return seal(JSON.stringify({ kind: 'device', people })).toString('base64url');
}

function read(cookie: string | undefined): Known {
  if (!cookie) return [];
  try {
    return DeviceSchema.parse(JSON.parse(unseal(Buffer.from(cookie, 'base64url')))).people;
  } catch {
    // Forged, or sealed under an earlier secret.
    return [];
  }
}
