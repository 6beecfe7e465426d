'use client';
// How reading the mailbox of bounces goes: when, what came, what is wrong, and the mails that say nothing that can be used.
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { MailboxState } from '@/lib/bounces/schema';
import type { Returns } from '@/lib/sending/schema';
import { clearAsideAction, readMailboxNowAction, sendProbeAction } from '../actions';
import { ENCRYPTION_WORDS } from '../words';

/** After something was asked for, the page is read again until it has probably come. */
const AGAIN_MS = 2_000;
const WATCHED_MS = 60_000;

const number = (value: number) => value.toLocaleString('en-GB');

type Props = { ids: object; state: MailboxState; returns: Returns | null };

export function MailboxStateView({ ids, state, returns }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [watching, setWatching] = useState<number | null>(null);

  useEffect(() => {
    if (watching === null) return undefined;
    const timer = setInterval(() => {
      router.refresh();
      if (Date.now() > watching) setWatching(null);
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [watching, router]);

  async function act<Value>(action: SubmitAction<Value>, done: string) {
    const result = await send(action, ids, Date.now());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(done);
    setWatching(Date.now() + WATCHED_MS);
    router.refresh();
  }

  const probe = probeInWords(state);
  return (
    <div className="flex flex-col gap-3">
      <p className="wrap-anywhere">
        {state.user} at {state.host}:{state.port}, {ENCRYPTION_WORDS[state.encryption]}, folder {state.folder}{' '}
        <StateBadge state={state} />
      </p>
      {state.error !== null && (
        <Banner tone="danger">
          It cannot be read
          {state.failingSince && (
            <>
              {' '}
              since <DateTime value={state.failingSince} />
            </>
          )}
          . {state.error} It is tried again by itself, at least every quarter of an hour; nothing is lost meanwhile.
        </Banner>
      )}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1 text-[13px] sm:grid-cols-4">
        <Fact name="Last read">{state.readAt ? <DateTime value={state.readAt} /> : 'Not yet'}</Fact>
        <Fact name="Bounces">{number(state.bounces)}</Fact>
        <Fact name="Complaints">{number(state.complaints)}</Fact>
        <Fact name="Passed over">{number(state.passedOver)}</Fact>
      </dl>
      <p className="text-muted text-[13px]">
        Passed over are automatic answers, notices of delay and reports of success.{' '}
        {state.remove ? 'Mails are deleted from it once they have been read.' : 'Nothing in it is changed or deleted.'}
      </p>
      {probe && <p className="text-[13px]">{probe}</p>}
      <div className="flex flex-wrap gap-2">
        <Button isPending={pending} onPress={() => void act(readMailboxNowAction, 'It is read within seconds')}>
          Read it now
        </Button>
        {returns && returns.form !== 'plain' && (
          <Button
            isPending={pending}
            onPress={() => void act(sendProbeAction, 'A mail is on its way to the return address')}
          >
            Try the return address
          </Button>
        )}
      </div>
      {state.aside.length > 0 && (
        <details className="border-line rounded-md border px-3 py-2">
          <summary className="cursor-pointer font-medium">Set aside: {number(state.asideCount)}</summary>
          <div className="flex flex-col gap-3 py-2">
            <p className="text-muted text-[13px]">
              These say nothing that can be used. They stay in the mailbox, where somebody can look at them
              {state.asideCount > state.aside.length && `; the newest ${state.aside.length} are shown`}.
            </p>
            <ul className="flex flex-col">
              {state.aside.map(({ id, at, from, subject, why }) => (
                <li key={id} className="border-line border-t py-2 first:border-t-0">
                  <p dir="auto" className="font-medium wrap-anywhere">
                    {subject || 'Without a subject'}
                  </p>
                  <p className="text-muted text-[13px] wrap-anywhere">
                    {from || 'From nobody'} · <DateTime value={at} />
                  </p>
                  <p className="text-[13px]">{why}</p>
                </li>
              ))}
            </ul>
            <div>
              <Button isPending={pending} onPress={() => void act(clearAsideAction, 'The list is empty')}>
                Empty this list
              </Button>
            </div>
          </div>
        </details>
      )}
    </div>
  );
}

function StateBadge({ state }: { state: MailboxState }) {
  if (state.needsPassword) return <Badge tone="danger">Needs its password</Badge>;
  if (state.error !== null) return <Badge tone="danger">Cannot be read</Badge>;
  return state.readAt ? <Badge tone="success">Is read</Badge> : <Badge>Not read yet</Badge>;
}

/** What is known of the test of the return address. */
function probeInWords({ probedAt, arrivedAt }: MailboxState) {
  if (probedAt === null) return null;
  if (arrivedAt !== null) {
    return (
      <>
        The test of the return address has arrived, <DateTime value={arrivedAt} />.
      </>
    );
  }
  return (
    <>
      A test of the return address was sent <DateTime value={probedAt} />, and has not arrived yet. If it does not
      within minutes, the mailbox does not take such addresses: choose another form.
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}
