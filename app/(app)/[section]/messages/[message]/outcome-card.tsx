'use client';
// What became of everybody, by state and reason. The numbers add up to all recipients.
import { Send } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { MailboxLink } from '@/components/sending/mailbox-link';
import { resolveUnknownAction } from '../actions';
import { CHANNEL_WORDS } from './channel-words';
import { arrived, notSent, type OutcomeLine } from './recipient-words';
import { hasEnded, type ShownSend } from './use-send';

type Props = {
  section: { id: SectionId; slug: string };
  send: ShownSend;
  mayAct: boolean;
  onChanged: () => void;
  /** How many it failed for, in all of its sends, and what asks whether to send it to them; null: nobody may. */
  failed: { people: number; onSend: () => void } | null;
};

export function OutcomeCard({ section, send, mayAct, onChanged, failed }: Props) {
  const { byState } = send;
  const lines: OutcomeLine[] = [
    {
      label: 'Sent',
      hint: send.isMailbox ? 'They are in the built-in mailbox.' : `Taken by the ${CHANNEL_WORDS[send.channel].taker}.`,
      people: arrived(send),
    },
    { label: 'On its way', hint: 'Being handed over.', people: byState.claimed + byState.handing },
    { label: 'Waiting', hint: '', people: byState.waiting + byState.held },
    { label: 'Unknown', hint: 'The connection was lost while it was handed over.', people: byState.unknown },
    ...notSent(send),
    { label: 'Cancelled', hint: 'It was cancelled before their turn.', people: byState.cancelled },
  ].filter(({ people, label }) => people > 0 || label === 'Sent');
  return (
    <section aria-labelledby="outcome" className={`${cardClass} flex flex-col gap-2 p-4`}>
      <h2 id="outcome" className="font-medium">
        What became of it
      </h2>
      <ul className="flex flex-col">
        {lines.map(({ label, hint, people }) => (
          <li key={label} className="border-line border-b py-2 last:border-b-0">
            <div className="flex items-baseline justify-between gap-3">
              <span>
                {label} {hint && <span className="text-muted text-[13px]">{hint}</span>}
              </span>
              <span className="tabular-nums">{people.toLocaleString('en-GB')}</span>
            </div>
            <div aria-hidden className="bg-sunken mt-1 h-1 overflow-hidden rounded-full">
              <div
                className={`h-full rounded-full ${label === 'Sent' ? 'bg-accent' : 'bg-line-strong'}`}
                style={{ width: people === 0 ? 0 : `max(2px, ${(people / send.recipients) * 100}%)` }}
              />
            </div>
          </li>
        ))}
      </ul>
      {send.isMailbox && arrived(send) > 0 && (
        <MailboxLink slug={section.slug} senderId={send.senderId} messageId={send.messageId} />
      )}
      {failed && (
        <span>
          <Button size="small" onPress={failed.onSend}>
            <Send aria-hidden className="size-3.5" /> Send to the {failed.people.toLocaleString('en-GB')} it failed for…
          </Button>
        </span>
      )}
      {byState.unknown > 0 && mayAct && <Unknown section={section} send={send} onChanged={onChanged} />}
    </section>
  );
}

function Unknown({ section, send, onChanged }: Omit<Props, 'mayAct' | 'failed'>) {
  const toast = useToast();
  const [asked, setAsked] = useState<'sent' | 'again' | null>(null);
  const { refusal, pending, send: submit, setRefusal } = useSubmission();
  const people = send.byState.unknown;
  const number = people.toLocaleString('en-GB');

  async function resolve() {
    const result = await submit(resolveUnknownAction, { sectionId: section.id, sendId: send.id, as: asked }, people);
    if (!result.ok) return;
    setAsked(null);
    toast(asked === 'again' ? 'They are sent again' : 'They count as sent');
    onChanged();
  }

  const ask = (as: 'sent' | 'again') => {
    setRefusal(null);
    setAsked(as);
  };
  return (
    <Banner tone="warning">
      <p>
        Nobody knows whether{' '}
        {people === 1 ? `one ${CHANNEL_WORDS[send.channel].one}` : `${number} ${CHANNEL_WORDS[send.channel].many}`}{' '}
        left: the connection was lost at the wrong moment. They are not sent again by themselves, so that nobody gets it
        twice.
      </p>
      <span className="mt-2 flex flex-wrap gap-2">
        <Button size="small" onPress={() => ask('sent')}>
          Count as sent…
        </Button>
        {(send.status !== 'cancelled' || !hasEnded(send)) && (
          <Button size="small" onPress={() => ask('again')}>
            Send again…
          </Button>
        )}
      </span>
      {asked && (
        <ConfirmDialog
          title={asked === 'again' ? `Send ${number} again?` : `Count ${number} as sent?`}
          confirm={asked === 'again' ? 'Send again' : 'Count as sent'}
          refusal={refusal}
          pending={pending}
          onConfirm={() => void resolve()}
          onClose={() => setAsked(null)}
        >
          <p>
            {asked === 'again'
              ? 'Those who have got it get it a second time.'
              : 'Those who have not got it will not get it.'}
          </p>
        </ConfirmDialog>
      )}
    </Banner>
  );
}
