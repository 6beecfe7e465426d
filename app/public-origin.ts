import { headers } from 'next/headers';

/** The address by which people and clients reach this installation, without a path. */
export async function publicOrigin(): Promise<string> {
  const incoming = await headers();
  return (
    process.env.TAGWELL_URL?.replace(/\/+$/, '') ??
    `${incoming.get('x-forwarded-proto') ?? 'http'}://${incoming.get('host')}`
  );
}
