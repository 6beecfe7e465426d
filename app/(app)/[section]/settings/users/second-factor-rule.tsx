'use client';
// Whether the account requires a second factor of everyone, and how many have one.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { UserView } from '@/lib/accounts/schema';
import { requireSecondFactorAction } from './actions';

type Props = { requiredSince: Date | null; users: UserView[]; mayChange: boolean };

export function SecondFactorRule({ requiredSince, users, mayChange }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send, setRefusal } = useSubmission();
  const [asking, setAsking] = useState(false);
  const concerned = users.filter(({ hasPassword, deactivatedAt }) => hasPassword && !deactivatedAt);
  const having = concerned.filter(({ hasSecondFactor }) => hasSecondFactor).length;

  async function change() {
    const result = await send(requireSecondFactorAction, { required: requiredSince === null });
    if (!result.ok) return;
    setAsking(false);
    toast(requiredSince ? 'Two-factor sign-in is no longer required' : 'Two-factor sign-in is required of everyone');
    router.refresh();
  }

  return (
    <section className={`${cardClass} mb-4 flex flex-wrap items-center justify-between gap-3 p-4`}>
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="font-semibold">Two-factor sign-in</h2>
        <p className="text-muted">
          {requiredSince ? (
            <>
              Required of everyone who signs in by password, since <DateTime value={requiredSince} exact />.{' '}
            </>
          ) : (
            'Everyone chooses for themselves. '
          )}
          {having} of {concerned.length} {concerned.length === 1 ? 'person has' : 'people have'} set it up.
        </p>
      </div>
      {mayChange && (
        <Button onPress={() => setAsking(true)}>{requiredSince ? 'No longer require' : 'Require of everyone'}</Button>
      )}
      {asking && (
        <ConfirmDialog
          title={requiredSince ? 'No longer require two-factor sign-in?' : 'Require two-factor sign-in of everyone?'}
          confirm={requiredSince ? 'No longer require' : 'Require'}
          refusal={refusal}
          pending={pending}
          onConfirm={() => void change()}
          onClose={() => {
            setRefusal(null);
            setAsking(false);
          }}
        >
          {requiredSince ? (
            <p>Those who have set it up keep it, and may turn it off under My account.</p>
          ) : (
            <p>
              People who have not set it up are led to it at their next sign-in by password: they need a phone with an
              authenticator app. Who is signed in stays so. API keys go on as they are, and single sign-on is up to your
              identity provider.
            </p>
          )}
        </ConfirmDialog>
      )}
    </section>
  );
}
