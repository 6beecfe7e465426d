import { headers } from 'next/headers';

/** The origin under which people and clients reach this installation. */
export async function publicOrigin(): Promise<string> {
  const incoming = await headers();
  return (
    process.env.TAGWELL_URL?.replace(/\/+$/, '') ??
    `${incoming.get('x-forwarded-proto') ?? 'http'}://${incoming.get('host')}`
  );
}
