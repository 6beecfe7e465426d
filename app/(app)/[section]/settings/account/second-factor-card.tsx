'use client';
// The person's second factor: set up, changed to another app, its recovery codes renewed, turned off. Each begins with their password.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { RecoveryCodes } from '@/components/second-factor/recovery-codes';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { Badge, Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { leftInWords } from '@/lib/accounts/notices';
import type { OwnSignIn, SetUp } from '@/lib/accounts/second-factor';
import { ProveForm, PURPOSES, type Purpose } from './prove-form';
import { SetUpForm } from './set-up-form';

type Open = { kind: 'prove'; purpose: Purpose } | { kind: 'set-up'; setUp: SetUp } | { kind: 'codes'; codes: string[] };

/** From so few on it is time for new ones. */
const FEW_CODES = 3;

export function SecondFactorCard({ own }: { own: OwnSignIn }) {
  const router = useRouter();
  const toast = useToast();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const prove = (purpose: Purpose) => () => setOpen({ kind: 'prove', purpose });
  const showCodes = (codes: string[]) => {
    setOpen({ kind: 'codes', codes });
    router.refresh();
  };

  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 className="flex items-center gap-2 font-semibold">
        Two-factor sign-in {own.since && <Badge tone="success">On</Badge>}
      </h2>
      {own.since ? (
        <>
          <p className="text-muted">
            When you sign in by password, a code from your authenticator app is asked for. Set up{' '}
            <DateTime value={own.since} exact />.
          </p>
          {own.wrongCodes > 0 && (
            <Banner tone="warning">
              {own.wrongCodes === 1 ? 'A wrong code was' : `${own.wrongCodes} wrong codes were`} entered since the last
              right one. If it was not you, somebody knows your password: change it.
            </Banner>
          )}
          {own.codesLeft <= FEW_CODES ? (
            <Banner tone="warning">Recovery codes: {leftInWords(own.codesLeft)} Make new ones.</Banner>
          ) : (
            <p className="text-muted">{own.codesLeft} recovery codes are left.</p>
          )}
          <div className="flex flex-wrap gap-2">
            <Button onPress={prove('renew')}>New recovery codes</Button>
            <Button onPress={prove('change')}>Change to another app</Button>
            {!own.isRequired && <Button onPress={prove('turn-off')}>Turn off</Button>}
          </div>
          {own.isRequired && <p className="text-muted text-[13px]">Your account requires it of everyone.</p>}
        </>
      ) : (
        <NotSetUp own={own} onSetUp={prove('set-up')} />
      )}
      {open && (
        // One dialog for all steps, so that none closes and opens in between.
        <Dialog
          title={titleOf(open)}
          isOpen
          once={open.kind === 'codes'}
          onClose={close}
          actions={
            open.kind === 'codes' && (
              <Button variant="primary" onPress={close}>
                I have kept them
              </Button>
            )
          }
        >
          {open.kind === 'prove' && (
            <ProveForm
              purpose={open.purpose}
              hasFactor={own.since !== null}
              onClose={close}
              onSetUp={(setUp) => setOpen({ kind: 'set-up', setUp })}
              onCodes={showCodes}
              onTurnedOff={() => {
                close();
                toast('Two-factor sign-in is turned off');
                router.refresh();
              }}
            />
          )}
          {open.kind === 'set-up' && <SetUpForm setUp={open.setUp} onClose={close} onDone={showCodes} />}
          {open.kind === 'codes' && <RecoveryCodes codes={open.codes} />}
        </Dialog>
      )}
    </section>
  );
}

function titleOf(open: Open): string {
  if (open.kind === 'prove') return PURPOSES[open.purpose].title;
  return open.kind === 'set-up' ? 'Set up your app' : 'Your recovery codes';
}

function NotSetUp({ own, onSetUp }: { own: OwnSignIn; onSetUp: () => void }) {
  if (!own.hasPassword) {
    return <p className="text-muted">You sign in at your identity provider, which also asks for a second factor.</p>;
  }
  return (
    <>
      {own.isRequired && (
        <Banner tone="warning">
          Your account requires it: at your next sign-in by password you will be asked to set it up.
        </Banner>
      )}
      <p className="text-muted">
        Besides your password, a code from an app on your phone is asked for when you sign in. So a password that
        somebody has found out lets nobody in.
      </p>
      <div>
        <Button onPress={onSetUp}>Set up</Button>
      </div>
    </>
  );
}
