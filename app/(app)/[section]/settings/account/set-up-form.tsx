'use client';
import { useState, type FormEvent } from 'react';
import { SetUpApp } from '@/components/second-factor/set-up-app';
import { FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SetUp } from '@/lib/accounts/second-factor';
import { setUpSecondFactorAction } from './actions';

type Props = { setUp: SetUp; onClose: () => void; onDone: (codes: string[]) => void };

/** Nothing has changed before the first code was right. */
export function SetUpForm({ setUp, onClose, onDone }: Props) {
  const { refusal, pending, send, form } = useSubmission();
  const [code, setCode] = useState('');

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    const result = await send(setUpSecondFactorAction, { setUp: setUp.token, code });
    if (result.ok) onDone(result.value.codes);
  }

  const formMessage = messageFor(refusal, null, ['code']);
  return (
    <form ref={form} onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <SetUpApp setUp={setUp} code={code} onChange={setCode} error={messageFor(refusal, 'code')} />
      <FormButtons onCancel={onClose} submit="Set up" isPending={pending} />
    </form>
  );
}
