'use client';
// How far a send is, and what can be done now.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass, ProgressBar } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { cancelSendAction, pauseSendAction, resumeSendAction } from '../actions';
import { CHANNEL_WORDS } from './channel-words';
import type { ShownSend } from './use-send';
import { useZone } from '@/components/ui/use-zone';
import { hoursInWords, momentInWords, wishInWords, zoneInWords } from './when-words';

type Props = {
  section: { id: SectionId; slug: string };
  send: ShownSend;
  /** Why it could not be read again just now. */
  unread: Error | null;
  mayAct: boolean;
  /** May approve it or send it back, instead of taking it back. */
  mayDecide: boolean;
  onChanged: () => void;
};

const number = (value: number) => value.toLocaleString('en-GB');

export function SendPanel({ section, send, unread, mayAct, mayDecide, onChanged }: Props) {
  const toast = useToast();
  const [cancelling, setCancelling] = useState(false);
  const [pending, setPending] = useState<'pause' | 'resume' | 'cancel' | null>(null);
  const { refusal, send: submit, setRefusal } = useSubmission();
  const { status } = send;
  const isOpen = ['asked', 'scheduled', 'preparing', 'sending', 'paused'].includes(status);
  const isAsked = status === 'asked';
  const isWaiting = isAsked || status === 'scheduled' || (status === 'paused' && send.frozenAt === null);

  async function act(what: 'pause' | 'resume' | 'cancel', action: SubmitAction<unknown>, done: string) {
    setPending(what);
    const result = await submit(action, { sectionId: section.id, sendId: send.id }, [status, send.pauseKind]);
    setPending(null);
    onChanged();
    if (!result.ok) return;
    setCancelling(false);
    toast(done, { about: [`send:${send.id}`] });
  }

  return (
    <section aria-label="Sending" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <Headline send={send} />
      {status === 'paused' && (
        <Banner tone={send.pauseKind === 'person' ? 'info' : 'warning'}>
          {send.pauseReason ?? 'It is paused.'}{' '}
          {send.byState.claimed + send.byState.handing > 0 ? 'What is on its way still arrives. ' : ''}
          {send.pauseKind === 'attention' && send.frozenAt === null
            ? 'Unschedule it, and choose something else.'
            : PAUSE_HINTS[send.pauseKind ?? 'person']}
        </Banner>
      )}
      {isOpen && send.senderPausedAt && (
        <Banner tone="warning">
          The sender “{send.senderName}” is paused, so nothing leaves. An Admin can let it go on in Settings → Sending.
        </Banner>
      )}
      {send.recipients > 0 && isOpen && (
        <div className="flex flex-col gap-1">
          <ProgressBar
            value={send.ended / send.recipients}
            label={`${number(send.ended)} of ${number(send.recipients)} people`}
          />
          <p role="status" className="text-muted text-[13px] tabular-nums">
            {number(send.ended)} of {number(send.recipients)} people
            {send.byState.sent > 0 && `, ${number(send.byState.sent)} sent`}
          </p>
        </div>
      )}
      {status === 'preparing' && <ProgressBar value={null} label="Choosing who gets it" />}
      {send.hours && send.opensAt && (
        <Banner tone="info">
          Its SMS leave from {hoursInWords(send.hours)}. It goes on by itself <DateTime value={send.opensAt} />.
        </Banner>
      )}
      {status === 'sending' &&
        send.holdUps.map((holdUp) => (
          <Banner key={`${holdUp.provider} ${holdUp.until}`} tone="warning">
            {holdUp.isAll || send.channel === 'sms'
              ? `The ${CHANNEL_WORDS[send.channel].taker}`
              : (holdUp.provider ?? 'A mail server')}{' '}
            asks to go slower. It goes on by itself <DateTime value={holdUp.until} />. It said: {holdUp.answer}
          </Banner>
        ))}
      {unread && isOpen && (
        <p role="alert" className="text-danger text-[13px]">
          How far it is could not be read just now. It is tried again.
        </p>
      )}
      {refusal && !cancelling && <Banner tone="danger">{refusal.message}</Banner>}
      {isOpen && mayAct && !(isAsked && mayDecide) && (
        <div className="flex flex-wrap gap-2">
          {status === 'sending' && (
            <Button
              isPending={pending === 'pause'}
              onPress={() =>
                void act('pause', pauseSendAction, 'Paused: what is on its way still arrives, and nothing more leaves')
              }
            >
              Pause
            </Button>
          )}
          {status === 'paused' && send.pauseKind !== 'choice' && (
            <Button
              variant="primary"
              isPending={pending === 'resume'}
              onPress={() => void act('resume', resumeSendAction, 'It goes on')}
            >
              {send.frozenAt === null ? 'Send it now' : 'Go on'}
            </Button>
          )}
          <Button
            isDisabled={status === 'preparing'}
            onPress={() => {
              setRefusal(null);
              setCancelling(true);
            }}
          >
            {isAsked ? 'Take it back and edit…' : isWaiting ? 'Unschedule and edit…' : 'Stop for good…'}
          </Button>
        </div>
      )}
      {!mayAct && isOpen && (
        <p className="text-muted text-[13px]">Only Account Owners and Admins can pause or cancel service messages.</p>
      )}
      {cancelling && (
        <ConfirmDialog
          title={isAsked ? 'Take it back?' : isWaiting ? 'Unschedule it?' : 'Stop it for good?'}
          confirm={isAsked ? 'Take it back' : isWaiting ? 'Unschedule and edit' : 'Stop for good'}
          keep={
            isAsked
              ? 'Keep it'
              : isWaiting
                ? 'Keep it scheduled'
                : status === 'paused'
                  ? 'Keep it paused'
                  : 'Keep sending'
          }
          refusal={refusal}
          pending={pending === 'cancel'}
          onConfirm={() =>
            void act(
              'cancel',
              cancelSendAction,
              isAsked
                ? 'It is a draft again'
                : isWaiting
                  ? 'It is not scheduled any more: it is a draft again'
                  : 'Cancelled: nothing more leaves',
            )
          }
          onClose={() => setCancelling(false)}
        >
          <p>
            {isWaiting
              ? `Nothing has left yet. It becomes a draft again, which you can change and ${isAsked ? 'ask about again' : 'send'}.`
              : `${number(send.byState.sent)} of ${number(send.recipients)} ${CHANNEL_WORDS[send.channel].many} have left, and stay sent. The others will not get it.`}
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}

const PAUSE_HINTS: Record<NonNullable<ShownSend['pauseKind']>, string> = {
  person: 'The others wait.',
  attention:
    'Nothing more leaves until that is repaired; then go on. What is hidden for good cannot be: stop this for good, make a copy, and choose something else there. The copy leaves out those who have got this one.',
  drift: 'Look whether that is right. If it is, go on.',
  brake: 'Look what is wrong first. If you go on, it does not stop for this again.',
  sender: 'Ask an Admin to look at the sender. If it works again, go on.',
  late: '',
  choice: 'Choose the variant that the others get.',
  flow: 'The others wait until the flow goes on.',
};

function Headline({ send }: { send: ShownSend }) {
  const zone = useZone();
  const { status, wish } = send;
  const starts = new Date(send.startsAt);
  const own = `${momentInWords(starts, zone)}`;
  const number = (value: number) => value.toLocaleString('en-GB');
  const people = (value: number) => `${number(value)} ${value === 1 ? 'person' : 'people'}`;
  switch (status) {
    case 'asked':
      return (
        <div>
          <p className="text-lg font-semibold">It waits for approval</p>
          <p className="text-muted text-[13px]">
            {wish.when === 'now'
              ? 'It goes as soon as somebody else has approved it'
              : `It is to go on ${wishInWords(wish, starts)}`}
            {send.promised !== null && `, to about ${people(send.promised)}`}. Nothing leaves before that.
          </p>
        </div>
      );
    case 'returned':
      return <p className="text-lg font-semibold">It was sent back</p>;
    case 'scheduled':
      return (
        <div>
          <p className="text-lg font-semibold">
            {wish.when === 'now' ? 'It starts in a moment' : wishInWords(wish, starts)}
          </p>
          {wish.when === 'at' && (
            <p className="text-muted text-[13px]">
              {wish.byPerson !== undefined && 'The first get it '}
              <DateTime value={send.startsAt} />
              {zone !== wish.zone && `; where you are (${zoneInWords(zone)}): ${own}`}. It goes to those who match then
              {send.promised !== null && `: as of now about ${people(send.promised)}`}.
            </p>
          )}
        </div>
      );
    case 'preparing':
      return <p className="text-lg font-semibold">Choosing who gets it…</p>;
    case 'sending':
      return (
        <p className="text-lg font-semibold">
          {send.opensAt
            ? 'It waits for its hours'
            : send.ab?.endsAt && send.winner === null
              ? 'The A/B test has its time'
              : 'It is being sent'}
        </p>
      );
    case 'paused':
      return (
        <p className="text-lg font-semibold">
          {send.frozenAt === null
            ? 'It has not started'
            : send.pauseKind === 'choice'
              ? 'It waits for a choice'
              : 'It is paused'}
        </p>
      );
    case 'nobody':
      return <p className="text-lg font-semibold">There was nobody to send to</p>;
    case 'done':
    case 'cancelled':
      return (
        <div>
          <p className="text-lg font-semibold">
            {status === 'done'
              ? `Sent to ${people(send.byState.sent)}`
              : `Cancelled after ${people(send.byState.sent)}`}
          </p>
          <p className="text-muted text-[13px]">
            Started <DateTime value={send.startedAt ?? send.startsAt} exact />
            {send.endedAt && (
              <>
                , ended <DateTime value={send.endedAt} exact />
              </>
            )}
            .
          </p>
        </div>
      );
  }
}
