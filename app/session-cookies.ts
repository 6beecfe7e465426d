// Cookies of people: the session, as next-auth reads it, the known browser (lib/accounts/devices.ts), and the second step of a sign-in
// (lib/accounts/second-step.ts).
import { cookies } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { DEVICE_COOKIE, DEVICE_SECONDS, rememberDevice } from '@/lib/accounts/devices';
import { STEP_MINUTES, type SecondStep } from '@/lib/accounts/second-step';
import { SESSION_DAYS } from '@/lib/accounts/sessions';
import type { UserId } from '@/lib/db/ids';

export const SESSION_SECONDS = SESSION_DAYS * 86_400;

type SignedInUser = { userId: UserId; sessionVersion: number };

const isSecure = () => Boolean(process.env.NEXTAUTH_URL?.startsWith('https://'));
const deviceCookie = () => `${isSecure() ? '__Host-' : ''}${DEVICE_COOKIE}`;
const stepCookie = () => `${isSecure() ? '__Host-' : ''}tagwell-second-step`;
const sessionCookie = () => `${isSecure() ? '__Secure-' : ''}next-auth.session-token`;
const attributes = (maxAge: number) => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: isSecure(),
  path: '/',
  maxAge,
});

/** The device cookie; undefined if there is none. */
export async function readDeviceCookie(): Promise<string | undefined> {
  return (await cookies()).get(deviceCookie())?.value;
}

/** Makes the browser known for this user. In route handlers and server actions only. */
export async function setDeviceCookie(user: SignedInUser): Promise<void> {
  const jar = await cookies();
  jar.set(deviceCookie(), rememberDevice(jar.get(deviceCookie())?.value, user), attributes(DEVICE_SECONDS));
}

/** The second step that the browser is at; undefined if there is none. */
export async function readStepCookie(): Promise<string | undefined> {
  return (await cookies()).get(stepCookie())?.value;
}

/** The browser goes on with the second step. In route handlers and server actions only. */
export async function setStepCookie({ token }: SecondStep): Promise<void> {
  (await cookies()).set(stepCookie(), token, attributes(STEP_MINUTES * 60));
}

/** Never empty: anybody could make cookies for an empty one. */
function cookieSecret(): string {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return secret;
}

/**
 * The session that the cookie names; undefined without a valid cookie. `getServerSession` would also make a new cookie, which nobody
 * could set here, at each request.
 */
export async function readSessionId(): Promise<string | undefined> {
  const token = (await cookies()).get(sessionCookie())?.value;
  // A cookie that is not ours, or has expired, cannot be decoded.
  const session = await decode({ token, secret: cookieSecret() }).catch(() => null);
  return session?.sessionId || undefined;
}

/** Continues this browser with the session, as after a sign-in. In server actions only. */
export async function setSessionCookie(user: SignedInUser & { sessionId: string }): Promise<void> {
  const token = await encode({
    token: { sessionId: user.sessionId },
    secret: cookieSecret(),
    maxAge: SESSION_SECONDS,
  });
  const jar = await cookies();
  jar.set(sessionCookie(), token, attributes(SESSION_SECONDS));
  jar.delete({ name: stepCookie(), path: '/', secure: isSecure() });
  await setDeviceCookie(user);
}
