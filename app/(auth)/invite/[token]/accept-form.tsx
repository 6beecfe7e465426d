'use client';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { secondStepPath } from '@/app/own-path';
import { acceptInvitationAction } from '../../actions';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import type { RefusalData } from '@/lib/access/refusal';

const FIELDS = ['name', 'password'];

export function AcceptForm({ token, isNew }: { token: string; isNew: boolean }) {
  const router = useRouter();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(acceptInvitationAction({ token, password, ...(isNew && { name }) }));
    if (!result.ok) {
      setRefusal(result.refusal);
      setPending(false);
      return;
    }
    if (!result.value.isIn) return router.replace(secondStepPath('/'));
    router.replace('/');
    router.refresh();
  }

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      {isNew && (
        <TextField
          label="Your name"
          autoComplete="name"
          value={name}
          onChange={setName}
          error={messageFor(refusal, 'name')}
          isRequired
          autoFocus
        />
      )}
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        help="At least 12 characters."
        value={password}
        onChange={setPassword}
        error={messageFor(refusal, 'password')}
        isRequired
      />
      <Button type="submit" variant="primary" isPending={pending}>
        {isNew ? 'Join' : 'Set password'}
      </Button>
    </form>
  );
}
