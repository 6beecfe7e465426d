'use client';
// Asks once more for the password, and a code where there is a second factor; then does what was asked for.
import { useState, type FormEvent } from 'react';
import { CodeField } from '@/components/second-factor/set-up-app';
import { FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SetUp } from '@/lib/accounts/second-factor';
import {
  beginSecondFactorAction,
  proveMyselfAction,
  renewRecoveryCodesAction,
  turnOffSecondFactorAction,
} from './actions';

export const PURPOSES = {
  'set-up': { title: 'Set up two-factor sign-in', submit: 'Continue', text: null },
  change: {
    title: 'Change to another app',
    submit: 'Continue',
    text: 'The present app and its recovery codes work until the new one is set up.',
  },
  renew: {
    title: 'New recovery codes',
    submit: 'Make new codes',
    text: 'You get ten new codes. Those that you have now no longer work.',
  },
  'turn-off': {
    title: 'Turn off two-factor sign-in',
    submit: 'Turn off',
    text: 'Your password alone will be enough to sign in.',
  },
};

export type Purpose = keyof typeof PURPOSES;

type Props = {
  purpose: Purpose;
  hasFactor: boolean;
  onClose: () => void;
  onSetUp: (setUp: SetUp) => void;
  onCodes: (codes: string[]) => void;
  onTurnedOff: () => void;
};

export function ProveForm({ purpose, hasFactor, onClose, onSetUp, onCodes, onTurnedOff }: Props) {
  const { submit, text } = PURPOSES[purpose];
  const { refusal, pending, send, form } = useSubmission();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [hasLostApp, setHasLostApp] = useState(false);

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    const shown = await send(proveMyselfAction, { password, ...(hasFactor && { code }) });
    if (!shown.ok) return;
    const { proof } = shown.value;
    if (purpose === 'renew') {
      const made = await send(renewRecoveryCodesAction, { proof });
      if (made.ok) onCodes(made.value.codes);
    } else if (purpose === 'turn-off') {
      const done = await send(turnOffSecondFactorAction, { proof });
      if (done.ok) onTurnedOff();
    } else {
      const begun = await send(beginSecondFactorAction, { proof });
      if (begun.ok) onSetUp(begun.value);
    }
  }

  const formMessage = messageFor(refusal, null, ['password', 'code']);
  return (
    <form ref={form} onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      {text && <p>{text}</p>}
      <TextField
        label="Your password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={messageFor(refusal, 'password')}
        autoFocus
        isRequired
      />
      {hasFactor && (
        <>
          <CodeField
            key={String(hasLostApp)}
            value={code}
            onChange={setCode}
            isRecovery={hasLostApp}
            autoFocus={hasLostApp}
            error={messageFor(refusal, 'code')}
          />
          <button
            type="button"
            className="text-accent-ink self-start text-[13px] underline"
            onClick={() => {
              setHasLostApp(!hasLostApp);
              setCode('');
            }}
          >
            {hasLostApp ? 'Use the app instead' : 'Use a recovery code instead'}
          </button>
        </>
      )}
      <FormButtons onCancel={onClose} submit={submit} isPending={pending} />
    </form>
  );
}
