'use client';
// The second step of a sign-in: a code, or setting up an app where the account requires it.
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { signInPath } from '@/app/own-path';
import { RecoveryCodes } from '@/components/second-factor/recovery-codes';
import { CodeField, SetUpApp } from '@/components/second-factor/set-up-app';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { messageFor } from '@/components/ui/refusal-message';
import type { RefusalData } from '@/lib/access/refusal';
import type { SetUp } from '@/lib/accounts/second-factor';
import { finishBySettingUpAction, finishWithCodeAction } from '../../actions';

type Props = {
  /** Null: it has ended. */
  step: 'code' | SetUp | null;
  /** The page to open afterwards. */
  target: string;
};

export function SecondStepForm({ step, target }: Props) {
  const router = useRouter();
  const [codes, setCodes] = useState<string[] | null>(null);
  const goOn = () => {
    router.replace(target);
    router.refresh();
  };

  if (codes) {
    return (
      <>
        <h1 className="mb-4 text-xl font-semibold">Your recovery codes</h1>
        <div className="flex flex-col gap-4">
          <RecoveryCodes codes={codes} />
          <Button variant="primary" onPress={goOn}>
            I have kept them
          </Button>
        </div>
      </>
    );
  }
  if (step === 'code') return <EnterCode target={target} onDone={goOn} />;
  if (step) return <SetUpFirst setUp={step} target={target} onDone={setCodes} />;
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Sign in once more</h1>
      <Banner tone="warning">Too much time has passed, or your password was changed.</Banner>
      <p className="mt-4">
        <Link href={signInPath(target)} className="text-accent-ink underline">
          Go to the sign-in
        </Link>
      </p>
    </>
  );
}

function EnterCode({ target, onDone }: { target: string; onDone: () => void }) {
  const [code, setCode] = useState('');
  const [hasLostApp, setHasLostApp] = useState(false);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(finishWithCodeAction({ code }));
    if (result.ok) return onDone();
    setRefusal(result.refusal);
    setPending(false);
  }

  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Enter your code</h1>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <RefusedStep refusal={refusal} target={target} />
        <CodeField
          key={String(hasLostApp)}
          value={code}
          onChange={setCode}
          isRecovery={hasLostApp}
          error={messageFor(refusal, 'code')}
        />
        <Button type="submit" variant="primary" isPending={pending}>
          Sign in
        </Button>
        <Button
          onPress={() => {
            setHasLostApp(!hasLostApp);
            setCode('');
            setRefusal(null);
          }}
        >
          {hasLostApp ? 'Use the app instead' : 'Use a recovery code instead'}
        </Button>
      </form>
      <p className="text-muted mt-4 text-[13px]">
        Neither app nor recovery codes? An Account Owner or Admin can reset your two-factor sign-in (Settings → Users).{' '}
        <Link href={signInPath(target)} className="text-accent-ink underline">
          Sign in as somebody else
        </Link>
      </p>
    </>
  );
}

type SetUpProps = { setUp: SetUp; target: string; onDone: (codes: string[]) => void };

function SetUpFirst({ setUp: initial, target, onDone }: SetUpProps) {
  // The page may be read again behind the form; what was scanned counts.
  const [setUp] = useState(initial);
  const [code, setCode] = useState('');
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(finishBySettingUpAction({ setUp: setUp.token, code }));
    setPending(false);
    if (result.ok) return onDone(result.value.codes);
    setRefusal(result.refusal);
  }

  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Set up two-factor sign-in</h1>
      <p className="text-muted mb-4">
        Your account requires it: besides your password, you sign in with a code from your phone.
      </p>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <RefusedStep refusal={refusal} target={target} />
        <SetUpApp setUp={setUp} code={code} onChange={setCode} error={messageFor(refusal, 'code')} />
        <Button type="submit" variant="primary" isPending={pending}>
          Set up and sign in
        </Button>
      </form>
    </>
  );
}

/** A refusal of the whole step. If it has ended, a link leads back to its beginning. */
function RefusedStep({ refusal, target }: { refusal: RefusalData | null; target: string }) {
  const message = messageFor(refusal, null, ['code']);
  if (!message) return null;
  return (
    <Banner tone="danger">
      {message}{' '}
      {refusal?.code === 'not_found' && (
        <Link href={signInPath(target)} className="underline">
          Go to the sign-in
        </Link>
      )}
    </Banner>
  );
}
