'use client';
// Sends the draft of an SMS to numbers that are typed, written as a chosen person would get it.
import { useState } from 'react';
import type { FoundProfile } from '@/components/profiles/profile-finder';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { withDeadline } from '@/components/ui/with-deadline';
import type { RefusalData, Result } from '@/lib/access/refusal';
import type { MessageId, SectionId } from '@/lib/db/ids';
import type { TestOutcome } from '@/lib/messages/test-mail';
import { outcomeInWords } from '../../settings/sending/words';
import { sendSmsTestAction } from '../actions';
import { AsWhom } from './as-whom';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  /** The sender is the built-in mailbox. */
  isMailbox: boolean;
  /** The draft as it is saved is sent. */
  save: () => Promise<Result<unknown>>;
  onClose: () => void;
};

export function TestSmsDialog({ section, messageId, isMailbox, save, onClose }: Props) {
  const [to, setTo] = useState('');
  const [person, setPerson] = useState<FoundProfile | null>(null);
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
    const numbers = to
      .split(/[,;\n]+/)
      .map((number) => number.trim())
      .filter(Boolean);
    const input = { sectionId: section.id, messageId, to: numbers, profileId: person?.id ?? null };
    return answerOf(withDeadline(sendSmsTestAction(input)));
  }

  const isNumber = refusal?.field?.startsWith('to') ?? false;
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
      {refusal && !isNumber && <Banner tone="danger">{messageFor(refusal, null)}</Banner>}
      {outcomes.map(({ to: number, outcome }) => {
        const { text, fine } = outcomeInWords(outcome, number, isMailbox, 'SMS');
        return (
          <Banner key={number} tone={fine ? 'success' : 'danger'}>
            {outcomes.length > 1 && `${number}: `}
            {text}
          </Banner>
        );
      })}
      <TextField
        label="To"
        help={`Up to five numbers with + and their country code, separated by commas. ${isMailbox ? 'They are kept in the mailbox, and sent to nobody.' : 'Each is paid for.'}`}
        value={to}
        onChange={setTo}
        error={isNumber ? refusal?.message : undefined}
        inputMode="tel"
        autoComplete="tel"
        autoFocus
      />
      <AsWhom slug={section.slug} person={person} onChange={setPerson} />
    </Dialog>
  );
}
