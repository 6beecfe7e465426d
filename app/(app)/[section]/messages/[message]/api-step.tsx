'use client';
// Use by the API: a service message is made ready for calls, each of which sends it to one person.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { CopyField } from '@/components/ui/copy-field';
import { CopyText } from '@/components/ui/copy-text';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { MessageId, SectionId } from '@/lib/db/ids';
import type { Given } from '@/lib/mail-document/template';
import type { ApiUse } from '@/lib/messages/api-use';
import { giveToApiAction, pauseSendAction, resumeSendAction, takeFromApiAction } from '../actions';
import type { InJson } from '@/components/ui/in-json';
import type { useSavedMessage } from './use-saved-message';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  name: string;
  apiUse: InJson<ApiUse>;
  /** Where the API is. */
  origin: string;
  isAdmin: boolean;
  saving: ReturnType<typeof useSavedMessage>;
};

type Doing = 'give' | 'take' | 'pause' | 'resume';

export function ApiStep({ section, messageId, name, apiUse, origin, isAdmin, saving }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [isTaking, setTaking] = useState(false);
  const { refusal, send, setRefusal } = useSubmission();
  const { use, people, wasUsed } = apiUse;
  /** What is written is not what calls send. */
  const isEdited = use !== null && (use.isChanged || saving.state !== 'saved' || saving.seen() > use.since);

  async function act(what: Doing, action: SubmitAction<unknown>, input: object, done: string) {
    setDoing(what);
    const result = await send(action, { sectionId: section.id, ...input }, crypto.randomUUID());
    setDoing(null);
    if (!result.ok) return;
    setTaking(false);
    toast(done);
    router.refresh();
  }

  async function give() {
    setDoing('give');
    const saved = await saving.save();
    if (!saved.ok) {
      setDoing(null);
      return setRefusal(saved.refusal);
    }
    await act('give', giveToApiAction, { messageId, seen: saving.seen() }, `“${name}” is ready for the API`);
  }

  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <section aria-labelledby="api-use" className={`${cardClass} flex flex-col gap-4 p-4`}>
        <h2 id="api-use" className="flex flex-wrap items-center gap-2 font-medium">
          Use by the API
          {use && (use.isPaused ? <Badge tone="warning">Paused</Badge> : <Badge tone="success">Ready</Badge>)}
        </h2>
        <p className="text-muted">
          A program, such as your shop, sends this message to one person at a time: a receipt, a new password, a
          reminder. It can give values of its own, such as the number of an order.
        </p>
        {use && (
          <p>
            Calls send version {use.version}, made ready <DateTime value={use.since} />.
          </p>
        )}
        {use?.isPaused && (
          <Banner tone="warning">
            {use.pauseReason ?? 'It is paused.'} Calls are refused, and what they have asked for before waits.
          </Banner>
        )}
        {use && isEdited && (
          <Banner>The draft has been changed since. Calls go on sending version {use.version} until you say so.</Banner>
        )}
        {refusal && !isTaking && <Banner tone="danger">{refusal.message}</Banner>}
        {isAdmin ? (
          <div className="flex flex-wrap gap-2">
            {(!use || isEdited) && (
              <Button variant="primary" isPending={doing === 'give'} onPress={() => void give()}>
                {use ? 'Let calls send the changed message' : 'Make it ready for the API'}
              </Button>
            )}
            {use &&
              (use.isPaused ? (
                <Button
                  variant={isEdited ? 'secondary' : 'primary'}
                  isPending={doing === 'resume'}
                  onPress={() => void act('resume', resumeSendAction, { sendId: use.sendId }, 'It goes on')}
                >
                  Go on
                </Button>
              ) : (
                <Button
                  isPending={doing === 'pause'}
                  onPress={() =>
                    void act('pause', pauseSendAction, { sendId: use.sendId }, 'Paused: calls are refused')
                  }
                >
                  Pause
                </Button>
              ))}
            {use && (
              <Button
                onPress={() => {
                  setRefusal(null);
                  setTaking(true);
                }}
              >
                Take it back…
              </Button>
            )}
          </div>
        ) : (
          <p className="text-muted text-[13px]">
            Account Owners and Admins make service messages ready for the API, and take them back.
          </p>
        )}
        {wasUsed && <Numbers people={people} report={`/${section.slug}/messages/${messageId}/report`} />}
      </section>
      <section aria-labelledby="api-call" className={`${cardClass} flex min-w-0 flex-col gap-4 p-4`}>
        <h2 id="api-call" className="font-medium">
          A call
        </h2>
        <CopyField label="Id of the message" value={String(messageId)} />
        {use && <Values given={use.given} />}
        <CopyText
          label="Example"
          text={exampleOf({ origin, section: apiUse.section, messageId, given: use?.given ?? [] })}
        />
        <p className="text-muted text-[13px]">
          {isAdmin ? (
            <>
              It needs an{' '}
              <Link href={`/${section.slug}/settings/api-keys`} className="underline">
                API key
              </Link>{' '}
              that may write.{' '}
            </>
          ) : (
            'It needs an API key that may write: Admins make them. '
          )}
          The answer says where to read what became of it. See{' '}
          <a href="/api-reference" className="underline">
            the reference
          </a>
          .
        </p>
      </section>
      {isTaking && (
        <ConfirmDialog
          title="Take it back from the API?"
          confirm="Take it back"
          pending={doing === 'take'}
          refusal={refusal}
          onConfirm={() => void act('take', takeFromApiAction, { messageId }, `“${name}” is no longer sent by the API`)}
          onClose={() => setTaking(false)}
        >
          Calls are refused from now on.{' '}
          {use?.isPaused
            ? 'What they have asked for while it was paused is cancelled.'
            : 'What they have asked for before is still sent.'}
        </ConfirmDialog>
      )}
    </div>
  );
}

const number = (value: number) => value.toLocaleString('en-GB');

function Numbers({ people, report }: { people: ApiUse['people']; report: string }) {
  const sum = (...states: (keyof ApiUse['people'])[]) => states.reduce((all, state) => all + (people[state] ?? 0), 0);
  const shown = [
    ['Sent', sum('sent')],
    ['Waiting', sum('waiting', 'claimed', 'handing')],
    ['Refused', sum('refused')],
    ['Left out', sum('skipped', 'cancelled')],
    ['Failed', sum('failed', 'unknown')],
  ] as const;
  return (
    <div className="border-line flex flex-col gap-2 border-t pt-4">
      <dl className="flex flex-wrap gap-x-6 gap-y-2">
        {shown.map(([label, value]) => (
          <div key={label}>
            <dt className="text-muted text-[13px]">{label}</dt>
            <dd className="text-lg font-medium tabular-nums">{number(value)}</dd>
          </div>
        ))}
      </dl>
      <p>
        <Link href={report} className="underline">
          Report
        </Link>
      </p>
    </div>
  );
}

function Values({ given }: { given: readonly Given[] }) {
  return (
    <div>
      <p className="text-[13px] font-medium">Values</p>
      {given.length === 0 ? (
        <p className="text-muted text-[13px]">
          None. Add some with Personalise in the content, and let calls send the changed message.
        </p>
      ) : (
        <ul className="flex flex-wrap gap-2 pt-1">
          {given.map(({ name, required }) => (
            <li key={name}>
              <code className="bg-sunken rounded px-1.5 py-0.5 text-[13px]">{name}</code>{' '}
              <span className="text-muted text-[13px]">{required ? 'must be given' : 'may be given'}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function exampleOf({
  origin,
  section,
  messageId,
  given,
}: {
  origin: string;
  section: string;
  messageId: MessageId;
  given: readonly Given[];
}): string {
  const values = Object.fromEntries(given.map(({ name }) => [name, '…']));
  const path = `/audience/keyspaces/com.apsis1.keyspaces.email/profiles/andy.demo%40example.com/sections/${section}/messages/${messageId}/deliveries`;
  return [
    `curl -X POST '${origin}${path}' \\`,
    `  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -H 'Idempotency-Key: order-1041' \\`,
    `  -d '${JSON.stringify({ ...(given.length > 0 && { values }), create: true })}'`,
  ].join('\n');
}
