'use client';
import { useRouter } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { useState, type FormEvent } from 'react';
import { secondStepPath } from '@/app/own-path';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';

const WRONG = 'The email address or the password is wrong.';
const NO_ANSWER = 'The server is not responding. Try again in a moment.';
const SINGLE_SIGN_ON_FAILED = 'Single sign-on failed. Try again, or sign in with your password.';
/** Reasons for refusing a single sign-on. */
const REFUSED = new Map([
  [
    'unknown',
    'Your identity provider signed you in, but there is no Tagwell user with your address. Ask an admin to invite you.',
  ],
  [
    'unverified',
    'Your identity provider has not verified your email address. Verify it there, or sign in with your password.',
  ],
  [
    'other-identity',
    'The Tagwell user with your address is linked with another sign-in of your identity provider. If that was yours, ask an admin to unlink it (Settings → Users).',
  ],
]);

function throttled(seconds: number): string {
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts. Try again in ${wait}, in a browser in which you have signed in before, or with a new password link from an admin.`;
}

type Props = {
  singleSignOn: string | null;
  /** The error code in the URL, from next-auth or a refused single sign-on. */
  error: string | null;
  /** The page to open afterwards. */
  target: string;
  /** Whether somebody who has forgotten their password may be sent a link. */
  offersMails: boolean;
};

export function SignInForm({ singleSignOn, error, target, offersMails }: Props) {
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState(error && (REFUSED.get(error) ?? SINGLE_SIGN_ON_FAILED));

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    setProblem(null);
    const answer = await signIn('credentials', { email, password, redirect: false }).catch(() => null);
    if (answer?.ok) {
      router.replace(target);
      router.refresh();
      return;
    }
    if (answer?.error === 'second-step') return router.push(secondStepPath(target));
    setPending(false);
    const wait = /^throttled:(\d+)$/.exec(answer?.error ?? '')?.[1];
    setProblem(wait ? throttled(Number(wait)) : answer?.error === 'CredentialsSignin' ? WRONG : NO_ANSWER);
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {problem && <Banner tone="danger">{problem}</Banner>}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        isRequired
        autoFocus
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        isRequired
      />
      <Button type="submit" variant="primary" isPending={pending}>
        Sign in
      </Button>
      {singleSignOn && (
        <Button onPress={() => void signIn('oidc', { callbackUrl: target })}>Continue with {singleSignOn}</Button>
      )}
      <p className="text-muted text-[13px]">
        {offersMails ? (
          <Link href="/forgot-password" className="text-accent-ink underline">
            Forgotten your password?
          </Link>
        ) : (
          'Forgotten your password? An Account Owner or Admin can give you a link to set a new one.'
        )}
      </p>
    </form>
  );
}
