// Who an identity provider says that somebody is.
import { z } from 'zod';

/** The claims of the ID token. `email` null: it says none. */
export type Identity = { issuer: string; subject: string; email: string | null; emailVerified: boolean };

/** The database keeps no NUL. */
const Name = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0]+$/);
/** The specification has `email_verified` as true or false; some providers write it as text. */
const Claims = z.object({
  iss: Name,
  sub: Name,
  email: z.string().max(400).optional(),
  email_verified: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
});

/**
 * Who the claims of an ID token are about; null if they do not say. `trustEmail`: whether the address is taken as verified if they
 * do not say that either.
 */
export function identityOf(claims: unknown, { trustEmail }: { trustEmail: boolean }): Identity | null {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return null;
  const { iss, sub, email = null, email_verified: verified = trustEmail } = parsed.data;
  return { issuer: iss, subject: sub, email, emailVerified: verified };
}
