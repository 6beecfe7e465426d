'use client';
// Sends the draft of an SMS to numbers that are typed, written as a chosen person would get it, or to a test group, written for each.
import { useState } from 'react';
import type { FoundProfile } from '@/components/profiles/profile-finder';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ToggleRow } from '@/components/ui/toggle-row';
import { withDeadline } from '@/components/ui/with-deadline';
import type { RefusalData, Result } from '@/lib/access/refusal';
import type { MessageId, SectionId, SenderId, TestGroupId } from '@/lib/db/ids';
import type { TestMemberWhy } from '@/lib/messages/test-groups-schema';
import type { TestResult } from '@/lib/messages/test-mail';
import { outcomeInWords } from '../../settings/sending/words';
import { sendSmsTestAction } from '../actions';
import { AsWhom } from './as-whom';
import { TestGroupField } from './test-group-field';
import { MailboxLink } from '@/components/sending/mailbox-link';
import { TestLeftOut } from './test-left-out';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  /** The sender, if it is the built-in mailbox. */
  mailbox: SenderId | null;
  /** A topic is chosen. */
  hasTopics: boolean;
  /** The draft as it is saved is sent. */
  save: () => Promise<Result<unknown>>;
  onClose: () => void;
};

const NO_TOPIC = 'could not have agreed to it yet: no topic is chosen in Send To';

const WHY: Record<TestMemberWhy, string> = {
  noAddress: 'has no mobile number',
  suppressed: 'is on the suppression list',
  noConsent: 'has not agreed to get a topic of this message by SMS',
  approval: 'does not work here: messages need approval, so an Admin has to save this test group first',
};

const NOTHING: TestResult = { outcomes: [], leftOut: [] };

export function TestSmsDialog({ section, messageId, mailbox, hasTopics, save, onClose }: Props) {
  const isMailbox = mailbox !== null;
  const [to, setTo] = useState('');
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [whom, setWhom] = useState<'numbers' | 'group'>('numbers');
  const [groupId, setGroupId] = useState<TestGroupId | null>(null);
  const [{ outcomes, leftOut }, setResult] = useState(NOTHING);

  async function send() {
    setPending(true);
    setResult(NOTHING);
    const result = await saveAndSend();
    setPending(false);
    setRefusal(result.ok ? null : result.refusal);
    if (result.ok) setResult(result.value);
  }

  async function saveAndSend(): Promise<Result<TestResult>> {
    const saved = await save();
    if (!saved.ok) return saved;
    const numbers = to
      .split(/[,;\n]+/)
      .map((number) => number.trim())
      .filter(Boolean);
    const asked = whom === 'group' ? { groupId } : { to: numbers, profileId: person?.id ?? null };
    return answerOf(withDeadline(sendSmsTestAction({ sectionId: section.id, messageId, ...asked })));
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
          <Button
            variant="primary"
            isPending={pending}
            isDisabled={whom === 'group' && groupId === null}
            onPress={() => void send()}
          >
            {outcomes.length > 0 ? 'Send again' : 'Send the test'}
          </Button>
        </>
      }
    >
      {refusal && !isNumber && refusal.field !== 'groupId' && (
        <Banner tone="danger">{messageFor(refusal, null)}</Banner>
      )}
      {outcomes.map(({ to: number, outcome }) => {
        const { text, fine } = outcomeInWords(outcome, number, isMailbox, 'SMS');
        return (
          <Banner key={number} tone={fine ? 'success' : 'danger'}>
            {outcomes.length > 1 && `${number}: `}
            {text}
          </Banner>
        );
      })}
      {mailbox !== null && outcomes.some(({ outcome }) => outcome.kind === 'sent') && (
        <MailboxLink slug={section.slug} senderId={mailbox} />
      )}
      <TestLeftOut people={leftOut} words={hasTopics ? WHY : { ...WHY, noConsent: NO_TOPIC }} />
      <ToggleRow
        label="To whom"
        value={whom}
        options={[
          { value: 'numbers', label: 'Numbers' },
          { value: 'group', label: 'A test group' },
        ]}
        onChange={setWhom}
      />
      {whom === 'group' ? (
        <TestGroupField
          section={section}
          value={groupId}
          error={refusal?.field === 'groupId' ? refusal.message : undefined}
          onChange={(id) => {
            setGroupId(id);
            setResult(NOTHING);
          }}
        />
      ) : (
        <>
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
        </>
      )}
    </Dialog>
  );
}
