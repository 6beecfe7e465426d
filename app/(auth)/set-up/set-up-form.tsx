'use client';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { setUpAction } from '../actions';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import type { RefusalData } from '@/lib/access/refusal';

const FIELDS = ['account', 'section', 'name', 'email', 'password'] as const;

export function SetUpForm({ token }: { token: string }) {
  const router = useRouter();
  const [values, setValues] = useState({ account: '', section: '', name: '', email: '', password: '' });
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const field = (name: (typeof FIELDS)[number]) => ({
    value: values[name],
    onChange: (value: string) => setValues((all) => ({ ...all, [name]: value })),
    error: messageFor(refusal, name),
  });

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(
      setUpAction({ token, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...values }),
    );
    if (!result.ok) {
      setRefusal(result.refusal);
      setPending(false);
      return;
    }
    router.replace(`/${result.value.slug}`);
    router.refresh();
  }

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <TextField label="Company" {...field('account')} isRequired autoFocus />
      <TextField
        label="First section"
        help="A brand or a country. Its data never mixes with another section's."
        {...field('section')}
        isRequired
      />
      <TextField label="Your name" autoComplete="name" {...field('name')} isRequired />
      <TextField label="Your email" type="email" autoComplete="username" {...field('email')} isRequired />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        help="At least 12 characters."
        {...field('password')}
        isRequired
      />
      <Button type="submit" variant="primary" isPending={pending}>
        Create the account
      </Button>
    </form>
  );
}
