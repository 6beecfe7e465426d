'use client';
import { useRouter } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { useState, type FormEvent } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';

const MESSAGES = {
  wrong: 'The email address or the password is wrong.',
  throttled: 'Too many attempts. Wait a quarter of an hour, or ask an admin for a new password link.',
  provider:
    'Your identity provider signed you in, but there is no Tagwell user with your address. Ask an admin to invite you.',
};

export function SignInForm({ singleSignOn, failed }: { singleSignOn: string | null; failed: boolean }) {
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<keyof typeof MESSAGES | null>(failed ? 'provider' : null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    setProblem(null);
    const answer = await signIn('credentials', { email, password, redirect: false });
    if (answer?.ok) {
      router.replace('/');
      router.refresh();
      return;
    }
    setPending(false);
    setProblem(answer?.error === 'throttled' ? 'throttled' : 'wrong');
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {problem && <Banner tone="danger">{MESSAGES[problem]}</Banner>}
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
        <Button onPress={() => void signIn('oidc', { callbackUrl: '/' })}>Continue with {singleSignOn}</Button>
      )}
      <p className="text-muted text-[13px]">
        Forgotten your password? An Account Owner or Admin can give you a link to set a new one.
      </p>
    </form>
  );
}
