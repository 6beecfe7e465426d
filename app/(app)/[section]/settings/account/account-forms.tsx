'use client';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
import { changeMyPasswordAction, renameMyselfAction } from './actions';

export function NameForm({ name: initial }: { name: string }) {
  const router = useRouter();
  const toast = useToast();
  const [name, setName] = useState(initial);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const result = await answerOf(renameMyselfAction({ name }));
    setRefusal(result.ok ? null : result.refusal);
    if (!result.ok) return;
    toast('Saved');
    router.refresh();
  }

  return (
    <form onSubmit={(event) => void submit(event)} className={`${cardClass} flex flex-col gap-4 p-4`}>
      <h2 className="font-semibold">Name</h2>
      <TextField label="Your name" value={name} onChange={setName} error={refusal?.message} autoComplete="name" />
      <div>
        <Button type="submit">Save</Button>
      </div>
    </form>
  );
}

export function PasswordForm({ email }: { email: string }) {
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(changeMyPasswordAction({ current, password }));
    setRefusal(result.ok ? null : result.refusal);
    if (result.ok) {
      setCurrent('');
      setPassword('');
      toast('The password has been changed. Other sessions have ended.');
    }
    setPending(false);
  }

  const formMessage = messageFor(refusal, null, ['current', 'password']);
  return (
    <form onSubmit={(event) => void submit(event)} className={`${cardClass} flex flex-col gap-4 p-4`}>
      <h2 className="font-semibold">Password</h2>
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        error={messageFor(refusal, 'current')}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        help="At least 12 characters. All other sessions will end."
        value={password}
        onChange={setPassword}
        error={messageFor(refusal, 'password')}
      />
      <div>
        <Button type="submit" isPending={pending}>
          Change password
        </Button>
      </div>
    </form>
  );
}
