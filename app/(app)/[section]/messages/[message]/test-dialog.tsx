'use client';
// Sends the draft to colleagues, written as a chosen person would get it.
import { X } from 'lucide-react';
import { useState } from 'react';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import { answerOf } from '@/components/ui/answer-of';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { withDeadline } from '@/components/ui/with-deadline';
import type { RefusalData, Result } from '@/lib/access/refusal';
import type { MessageId, SectionId } from '@/lib/db/ids';
import type { TestOutcome } from '@/lib/messages/test-mail';
import { outcomeInWords } from '../../settings/sending/words';
import { sendTestAction } from '../actions';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  own: { email: string };
  /** The sender is the built-in mailbox. */
  isMailbox: boolean;
  /** The draft as it is saved is sent. */
  save: () => Promise<Result<unknown>>;
  onClose: () => void;
};

export function TestDialog({ section, messageId, own, isMailbox, save, onClose }: Props) {
  const [to, setTo] = useState(own.email);
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [finding, setFinding] = useState(false);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [outcomes, setOutcomes] = useState<TestOutcome[]>([]);

  async function send() {
    setPending(true);
    setOutcomes([]);
    const result = await saveAndSend();
    setPending(false);
    setRefusal(result.ok ? null : result.refusal);
    if (result.ok) setOutcomes(result.value.outcomes);
  }

  async function saveAndSend(): Promise<Result<{ outcomes: TestOutcome[] }>> {
    const saved = await save();
    if (!saved.ok) return saved;
    const addresses = to.split(/[\s,;]+/).filter(Boolean);
    const input = { sectionId: section.id, messageId, to: addresses, profileId: person?.id ?? null };
    return answerOf(withDeadline(sendTestAction(input)));
  }

  const isAddress = refusal?.field?.startsWith('to') ?? false;
  return (
    <Dialog
      title="Send a test"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>{outcomes.length > 0 ? 'Done' : 'Cancel'}</Button>
          <Button variant="primary" isPending={pending} onPress={() => void send()}>
            {outcomes.length > 0 ? 'Send again' : 'Send the test'}
          </Button>
        </>
      }
    >
      {refusal && !isAddress && <Banner tone="danger">{messageFor(refusal, null)}</Banner>}
      {outcomes.map(({ to: address, outcome }) => {
        const { text, fine } = outcomeInWords(outcome, address, isMailbox);
        return (
          <Banner key={address} tone={fine ? 'success' : 'danger'}>
            {outcomes.length > 1 && `${address}: `}
            {text}
          </Banner>
        );
      })}
      <TextField
        label="To"
        help="Up to five people who work here, separated by commas."
        value={to}
        onChange={setTo}
        error={isAddress ? refusal?.message : undefined}
        inputMode="email"
        autoComplete="off"
      />
      <div className="flex flex-col gap-1">
        <p className="text-[13px] font-medium">Written as for</p>
        {person ? (
          <p className="flex items-center gap-1">
            <bdi className="min-w-0 truncate">{person.name}</bdi>
            <IconButton label="As for somebody of whom nothing is known" onPress={() => setPerson(null)}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </p>
        ) : finding ? (
          <ProfileFinder
            slug={section.slug}
            label="Written as for whom?"
            onChoose={(found) => {
              setPerson(found);
              setFinding(false);
            }}
          />
        ) : (
          <p className="flex flex-wrap items-center gap-2">
            Somebody of whom nothing is known
            <Button size="small" onPress={() => setFinding(true)}>
              Choose a person…
            </Button>
          </p>
        )}
        <p className="text-muted text-[13px]">
          It is written by what sends the message, with that person’s values and tags. Its links act on nobody, and it
          is not counted.
        </p>
      </div>
    </Dialog>
  );
}
