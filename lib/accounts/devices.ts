// Known browsers: a sealed cookie records who has signed in before. Known browsers have their own limit of attempts, so that
// guesses from elsewhere cannot lock the person out (OWASP's device cookies).
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { seal, unseal } from '@/lib/config/seal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';

export const DEVICE_COOKIE = 'tagwell-device';
/** How long a browser stays known after its last sign-in. Seconds. */
export const DEVICE_SECONDS = 365 * 24 * 60 * 60;
/** People per browser; the least recent sign-in is dropped. */
const PEOPLE = 5;

const DeviceSchema = z.object({
  kind: z.literal('device'),
  people: z.array(z.object({ userId: UserIdSchema, sessionVersion: z.number(), id: z.string() })),
});
type KnownPeople = z.infer<typeof DeviceSchema>['people'];

/** The id of the browser if it is known for this user and the password has not changed since. `cookie`: as sent by the browser. */
export function knownDevice(
  cookie: string | undefined,
  user: { userId: UserId; sessionVersion: number },
): string | undefined {
  return read(cookie).find((item) => item.userId === user.userId && item.sessionVersion === user.sessionVersion)?.id;
}

/** The new cookie that makes the browser known for this user, and keeps the people it was known for. */
export function rememberDevice(
  cookie: string | undefined,
  { userId, sessionVersion }: { userId: UserId; sessionVersion: number },
): string {
  const others = read(cookie).filter((item) => item.userId !== userId);
  const people = [{ userId, sessionVersion, id: randomUUID() }, ...others].slice(0, PEOPLE);
  return seal(JSON.stringify({ kind: 'device', people })).toString('base64url');
}

function read(cookie: string | undefined): KnownPeople {
  if (!cookie) return [];
  try {
    return DeviceSchema.parse(JSON.parse(unseal(Buffer.from(cookie, 'base64url')))).people;
  } catch {
    // Forged, or sealed with an earlier secret.
    return [];
  }
}
