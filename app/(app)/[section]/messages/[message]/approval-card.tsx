'use client';
// A message that waits for a second person: who has asked, and what can be decided.
import { useState } from 'react';
import { useCheckWork } from '@/components/operations/use-background-work';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner, cardClass } from '@/components/ui/display';
import { TextArea } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { NOTE_MAX } from '@/lib/messages/approval-schema';
import type { SectionId } from '@/lib/db/ids';
import { approveSendAction, returnSendAction } from '../actions';
import type { ShownSend } from './use-send';
import { useZone } from '@/components/ui/use-zone';
import { momentInWords, wishInWords } from './when-words';

type Props = {
  section: { id: SectionId; slug: string };
  name: string;
  send: ShownSend;
  /** Who asked; null: a client of the API. */
  askedBy: string | null;
  onDecided: () => void;
};

/** How late it may be and still be meant for its time. The server decides. */
const PAST_MS = 60_000;

export function ApprovalCard({ section, name, send, askedBy, onDecided }: Props) {
  const toast = useToast();
  const checkWork = useCheckWork(section.slug);
  const zone = useZone();
  const [asked, setAsked] = useState<'approve' | 'return' | null>(null);
  const [note, setNote] = useState('');
  const { refusal, pending, send: submit, setRefusal } = useSubmission();
  const { wish } = send;
  // By each person’s clock it begins long before, and nothing has passed.
  const isPast = wish.when === 'at' && wish.byPerson === undefined && Date.parse(send.startsAt) < Date.now() - PAST_MS;
  const goesNow = wish.when === 'now' || isPast;
  const which = { sectionId: section.id, sendId: send.id };
  const people = send.promised === null ? null : `${send.promised.toLocaleString('en-GB')} people`;

  const ask = (what: 'approve' | 'return') => {
    setRefusal(null);
    setAsked(what);
  };

  async function decide() {
    const result =
      asked === 'approve'
        ? await submit(approveSendAction, { ...which, now: isPast })
        : await submit(returnSendAction, { ...which, note });
    if (!result.ok) return;
    setAsked(null);
    toast(asked === 'approve' ? `“${name}” is approved` : `“${name}” is sent back`, { about: [`send:${send.id}`] });
    checkWork();
    onDecided();
  }

  return (
    <section aria-labelledby="approval" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="approval" className="font-medium">
        {askedBy ?? 'A client of the API'} asks for your approval
      </h2>
      <p className="text-muted text-[13px]">
        Look at it, at whom it goes to, and at when. What you approve is what is sent: to change it, it has to be sent
        back.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onPress={() => ask('approve')}>
          {goesNow ? 'Approve and send…' : 'Approve…'}
        </Button>
        <Button onPress={() => ask('return')}>Send it back…</Button>
      </div>
      {asked !== null && (
        <Dialog
          title={asked === 'return' ? 'Send it back?' : goesNow ? 'Approve it, and send it now?' : 'Approve it?'}
          isOpen
          onClose={() => setAsked(null)}
          actions={
            <>
              <Button onPress={() => setAsked(null)}>Cancel</Button>
              <Button variant="primary" isPending={pending} onPress={() => void decide()}>
                {asked === 'return' ? 'Send it back' : goesNow ? 'Approve and send' : 'Approve'}
              </Button>
            </>
          }
        >
          {refusal && refusal.field !== 'note' && <Banner tone="danger">{refusal.message}</Banner>}
          {asked === 'return' ? (
            <TextArea
              label="What is to be changed"
              help={`${askedBy ?? 'The person who asked'} reads this with the message, which is a draft again then.`}
              value={note}
              onChange={setNote}
              maxLength={NOTE_MAX}
              error={refusal?.field === 'note' ? refusal.message : undefined}
            />
          ) : (
            <>
              {isPast && <Banner tone="warning">Its time has passed while it waited. Approved, it goes now.</Banner>}
              <p>
                “{name}” goes {people !== null && `to about ${people}, `}
                {goesNow
                  ? 'now.'
                  : wish.when === 'at' &&
                    `on ${wishInWords(wish, new Date(send.startsAt))}${
                      zone === wish.zone || wish.byPerson !== undefined
                        ? ''
                        : ` (${momentInWords(new Date(send.startsAt), zone)} where you are)`
                    }.`}
              </p>
            </>
          )}
        </Dialog>
      )}
    </section>
  );
}
