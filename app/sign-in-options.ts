// How people sign in: by password, and by an identity provider where the environment names one.
import { headers } from 'next/headers';
import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';
import { signInWithPassword, signInWithProvider } from '@/lib/accounts/sign-in';
import { environment } from '@/lib/config/environment';
import { originOf } from '@/lib/access/origin';

const THIRTY_DAYS = 30 * 24 * 60 * 60;
const Credentials = z.object({ email: z.string().max(400), password: z.string().max(400) });
const ProviderProfile = z.object({ email: z.string(), email_verified: z.boolean().optional() });

const settings = environment();

/** Whether single sign-on is set up, and what it is called. */
export const singleSignOn =
  settings.OIDC_ISSUER && settings.OIDC_CLIENT_ID && settings.OIDC_CLIENT_SECRET ? { name: settings.OIDC_NAME } : null;

const password = CredentialsProvider({
  name: 'password',
  credentials: { email: {}, password: {} },
  authorize: async (given, request) => {
    const parsed = Credentials.safeParse(given);
    if (!parsed.success) return null;
    const headers = new Headers(request.headers as Record<string, string>);
    const result = await signInWithPassword(parsed.data.email, parsed.data.password, originOf(headers));
    // next-auth hands the message of an error on to the page; null is 'wrong email or password'.
    if (!result.ok && result.reason === 'throttled') throw new Error('throttled');
    return result.ok ? { id: String(result.user.userId), sessionVersion: result.user.sessionVersion } : null;
  },
});

export const signInOptions: NextAuthOptions = {
  session: { strategy: 'jwt', maxAge: THIRTY_DAYS },
  pages: { signIn: '/sign-in', error: '/sign-in' },
  providers: [
    password,
    ...(singleSignOn
      ? [
          {
            id: 'oidc',
            name: singleSignOn.name,
            type: 'oauth' as const,
            wellKnown: `${settings.OIDC_ISSUER}/.well-known/openid-configuration`,
            clientId: settings.OIDC_CLIENT_ID,
            clientSecret: settings.OIDC_CLIENT_SECRET,
            authorization: { params: { scope: 'openid email profile' } },
            idToken: true,
            checks: ['pkce' as const, 'state' as const],
            profile: (profile: { sub: string }) => ({ id: profile.sub, sessionVersion: 0 }),
          },
        ]
      : []),
  ],
  callbacks: {
    signIn: async ({ user, account, profile }) => {
      if (account?.provider !== 'oidc') return true;
      const parsed = ProviderProfile.safeParse(profile);
      if (!parsed.success || parsed.data.email_verified === false) return false;
      const result = await signInWithProvider(parsed.data.email, originOf(await headers()));
      if (!result.ok) return false;
      // The same object is given to `jwt` below: from here on it is our user, not the provider's.
      Object.assign(user, { id: String(result.user.userId), sessionVersion: result.user.sessionVersion });
      return true;
    },
    jwt: ({ token, user }) => (user ? { userId: Number(user.id), sessionVersion: user.sessionVersion } : token),
    session: ({ session, token }) => ({ ...session, userId: token.userId, sessionVersion: token.sessionVersion }),
  },
};
