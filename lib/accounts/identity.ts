// A person's identity according to an identity provider.
import { z } from 'zod';
import { isStorable } from '@/lib/text/storable';

/** The claims of the ID token. `email`: null if absent. */
export type Identity = { issuer: string; subject: string; email: string | null; emailVerified: boolean };

const Name = z.string().min(1).max(500).refine(isStorable);
/** `email_verified` is a boolean in the specification; some providers send text. */
const Claims = z.object({
  iss: Name,
  sub: Name,
  email: z.string().max(400).optional(),
  email_verified: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
});

/**
 * The identity in the claims of an ID token; null if they are incomplete. `trustEmail`: treat the address as verified if the claims
 * do not say.
 */
export function identityOf(claims: unknown, { trustEmail }: { trustEmail: boolean }): Identity | null {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return null;
  const { iss, sub, email = null, email_verified: verified = trustEmail } = parsed.data;
  return { issuer: iss, subject: sub, email, emailVerified: verified };
}
