'use client';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import { askForPasswordLinkAction } from '../actions';

export function ForgotForm() {
  const { refusal, pending, submit } = useSubmission();
  const [email, setEmail] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const back = (
    <Link href="/sign-in" className="text-accent-ink text-[13px] underline">
      Back to the sign-in
    </Link>
  );
  if (asked !== null) {
    return (
      <div className="flex flex-col gap-4">
        <Banner tone="success">
          If somebody signs in as {asked}, a mail with a link is on its way. It works once, for an hour.
        </Banner>
        <p className="text-muted text-[13px]">
          No mail after some minutes? Look in the spam folder, or ask an Account Owner or Admin for a link.
        </p>
        {back}
      </div>
    );
  }
  const formMessage = messageFor(refusal, null, ['email']);
  return (
    <form
      onSubmit={submit(askForPasswordLinkAction, { email }, () => setAsked(email.trim()))}
      className="flex flex-col gap-4"
    >
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        error={messageFor(refusal, 'email')}
        isRequired
        autoFocus
      />
      <Button type="submit" variant="primary" isPending={pending}>
        Send me a link
      </Button>
      {back}
    </form>
  );
}
