// The ways to sign in: by password, and by an identity provider if one is configured.
import { cookies, headers } from 'next/headers';
import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';
import { endSession } from '@/lib/accounts/sessions';
import { identityOf } from '@/lib/accounts/identity';
import { signInWithPassword, signInWithProvider } from '@/lib/accounts/sign-in';
import { environment } from '@/lib/config/environment';
import { originOf } from '@/lib/access/origin';
import { setDeviceCookie, setStepCookie, readDeviceCookie, SESSION_SECONDS } from './session-cookies';
import { ownAddress, ownPath, signInPath } from './own-path';

const Credentials = z.object({ email: z.string().max(400), password: z.string().max(400) });
const settings = environment();

/** The name of single sign-on, if it is configured. */
export const singleSignOn =
  settings.OIDC_ISSUER && settings.OIDC_CLIENT_ID && settings.OIDC_CLIENT_SECRET ? { name: settings.OIDC_NAME } : null;

const password = CredentialsProvider({
  name: 'password',
  credentials: { email: {}, password: {} },
  authorize: async (given, request) => {
    const parsed = Credentials.safeParse(given);
    if (!parsed.success) return null;
    const { email, password } = parsed.data;
    const from = originOf(new Headers(request.headers as Record<string, string>));
    const device = await readDeviceCookie();
    const result = await signInWithPassword(email, password, from, device).catch(unexpected);
    // next-auth passes the message of an error to the page; null means 'wrong email or password'.
    if (!result) throw new Error('unavailable');
    if (!result.ok && result.reason === 'throttled') throw new Error(`throttled:${Math.ceil(result.waitSeconds)}`);
    if (!result.ok && result.reason === 'second-step') {
      await setStepCookie(result.step);
      throw new Error(result.reason);
    }
    if (!result.ok) return null;
    await setDeviceCookie(result.user);
    return { id: String(result.user.userId), sessionId: result.user.sessionId };
  },
});

/** Logs an unexpected error: next-auth would show its message in the browser. */
function unexpected(error: unknown): null {
  console.error(error);
  return null;
}

/** The page to return to, which next-auth keeps while the person is at the identity provider. */
async function wantedPath(): Promise<string> {
  const jar = await cookies();
  const kept = jar.get('__Secure-next-auth.callback-url') ?? jar.get('next-auth.callback-url');
  const url = kept && URL.canParse(kept.value) ? new URL(kept.value) : null;
  return ownPath(url ? `${url.pathname}${url.search}` : '/');
}

export const signInOptions: NextAuthOptions = {
  session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
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
            profile: (profile: { sub: string }) => ({ id: profile.sub, sessionId: '' }),
          },
        ]
      : []),
  ],
  callbacks: {
    signIn: async ({ user, account, profile }) => {
      if (account?.provider !== 'oidc') return true;
      const identity = identityOf(profile, { trustEmail: settings.OIDC_TRUST_EMAIL === 'true' });
      const result = identity
        ? await signInWithProvider(identity, originOf(await headers())).catch(unexpected)
        : { ok: false as const, reason: 'unknown' as const };
      if (!result?.ok) return signInPath(await wantedPath(), { error: result?.reason ?? 'unavailable' });
      await setDeviceCookie(result.user);
      // `jwt` below receives the same object: from here on it is our user, not the provider's.
      Object.assign(user, { id: String(result.user.userId), sessionId: result.user.sessionId });
      return true;
    },
    // next-auth's own implementation throws for invalid URLs.
    redirect: ({ url, baseUrl }) => ownAddress(url, baseUrl),
    jwt: ({ token, user }) => (user ? { sessionId: user.sessionId } : token),
    session: ({ session, token }) => ({ ...session, sessionId: token.sessionId }),
  },
  events: {
    signOut: async ({ token }) => {
      if (token?.sessionId) await endSession(token.sessionId, originOf(await headers()));
    },
  },
};
