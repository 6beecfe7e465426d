// The cookie by which a browser is known for those who have signed in there (lib/accounts/devices.ts).
import { cookies } from 'next/headers';
import { DEVICE_COOKIE, DEVICE_SECONDS, rememberDevice } from '@/lib/accounts/devices';
import type { UserId } from '@/lib/db/ids';

const secure = () => Boolean(process.env.NEXTAUTH_URL?.startsWith('https://'));
const cookieName = () => (secure() ? `__Host-${DEVICE_COOKIE}` : DEVICE_COOKIE);

/** What the browser sent; undefined where it is not known. */
export async function readDeviceCookie(): Promise<string | undefined> {
  return (await cookies()).get(cookieName())?.value;
}

/** From now on the browser is known for this user. In route handlers and server actions only. */
export async function keepDeviceCookie(user: { userId: UserId; sessionVersion: number }): Promise<void> {
  const jar = await cookies();
  jar.set(cookieName(), rememberDevice(jar.get(cookieName())?.value, user), {
    httpOnly: true,
    sameSite: 'lax',
    secure: secure(),
    path: '/',
    maxAge: DEVICE_SECONDS,
  });
}
