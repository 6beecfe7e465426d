'use client';
// The person's sessions, and single sign-on if it is linked. Unlinking that ends all sessions, including this one.
import { useRouter } from 'next/navigation';
import { signOut } from 'next-auth/react';
import { useState } from 'react';
import type { SignedOut } from '@/app/(auth)/sign-in/signed-out';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { Result } from '@/lib/access/refusal';
import type { SessionView } from '@/lib/accounts/own-sessions';
import type { UserId } from '@/lib/db/ids';
import { endOtherSessionsAction, endSessionAction, signOutEverywhereAction, unlinkIdentityAction } from './actions';

type Props = { userId: UserId; sessions: SessionView[]; hasIdentity: boolean };

export function SessionsCard({ userId, sessions, hasIdentity }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const [pending, setPending] = useState(false);

  async function end(action: SubmitAction<unknown>, input: object, said: string) {
    const result = await send(action, input);
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
    else toast(said);
    router.refresh();
  }

  async function leave(asked: Promise<Result<unknown>>, why: SignedOut) {
    setPending(true);
    const result = await answerOf(asked);
    if (result.ok) return signOut({ callbackUrl: `/sign-in?ended=${why}` });
    setPending(false);
    toast(result.refusal.message, { tone: 'danger' });
  }

  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 className="font-semibold">Sessions</h2>
      <ul aria-label="Sessions" className="divide-line flex flex-col divide-y">
        {sessions.map((session) => (
          <li key={session.key} className="flex items-center justify-between gap-3 py-2 first:pt-0">
            <span className="min-w-0">
              <span className="font-medium">{session.device}</span> {session.isThis && <Badge>This browser</Badge>}
              <span className="text-muted block text-[13px]">
                {session.isThis ? (
                  'In use now'
                ) : (
                  <>
                    Last seen <DateTime value={session.lastSeenAt} />
                  </>
                )}
                , from {session.place}; signed in <DateTime value={session.signedInAt} />
              </span>
            </span>
            {!session.isThis && (
              <Button
                size="small"
                aria-label={`End the session: ${session.device}`}
                onPress={() => void end(endSessionAction, { key: session.key }, `${session.device} is signed out`)}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        {sessions.length > 1 && (
          <Button onPress={() => void end(endOtherSessionsAction, {}, 'All other browsers are signed out')}>
            End all others
          </Button>
        )}
        <Button isPending={pending} onPress={() => void leave(signOutEverywhereAction(), 'everywhere')}>
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
            <Button isPending={pending} onPress={() => void leave(unlinkIdentityAction({ userId }), 'unlinked')}>
              Unlink single sign-on
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
