'use client';
// The person's ways in: sessions in other browsers, and single sign-on. Closing one ends all sessions, including this one.
import { signOut } from 'next-auth/react';
import { useState } from 'react';
import type { SignedOut } from '@/app/(auth)/sign-in/signed-out';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import type { Result } from '@/lib/access/refusal';
import type { UserId } from '@/lib/db/ids';
import { signOutEverywhereAction, unlinkIdentityAction } from './actions';

type Props = { userId: UserId; sessions: number; hasIdentity: boolean };

export function OwnAccess({ userId, sessions, hasIdentity }: Props) {
  const toast = useToast();
  const [pending, setPending] = useState(false);

  async function end(asked: Promise<Result<unknown>>, why: SignedOut) {
    setPending(true);
    const result = await answerOf(asked);
    if (result.ok) return signOut({ callbackUrl: `/sign-in?ended=${why}` });
    setPending(false);
    toast(result.refusal.message, { tone: 'danger' });
  }

  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 className="font-semibold">Sessions</h2>
      <p className="text-muted">
        {sessions === 1
          ? 'You are signed in only in this browser.'
          : `You are signed in on ${sessions} browsers, including this one.`}
      </p>
      <div>
        <Button isPending={pending} onPress={() => void end(signOutEverywhereAction(), 'everywhere')}>
          Sign out everywhere
        </Button>
      </div>
      {hasIdentity && (
        <>
          <p className="text-muted">
            Your account is linked to single sign-on. Unlink it if your identity provider has given you a new sign-in.
            This also signs you out everywhere.
          </p>
          <div>
            <Button isPending={pending} onPress={() => void end(unlinkIdentityAction({ userId }), 'unlinked')}>
              Unlink single sign-on
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
