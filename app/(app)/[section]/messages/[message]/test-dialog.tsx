'use client';
// Sends the draft to colleagues, written as a chosen person would get it, or to a test group, written for each.
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
import { ToggleRow } from '@/components/ui/toggle-row';
import type { MessageId, SectionId, SenderId, TestGroupId } from '@/lib/db/ids';
import { variantName } from '@/lib/messages/ab-schema';
import type { TestMemberWhy } from '@/lib/messages/test-groups-schema';
import type { TestResult } from '@/lib/messages/test-mail';
import { outcomeInWords } from '../../settings/sending/words';
import { sendTestAction } from '../actions';
import { AsWhom } from './as-whom';
import { TestGroupField } from './test-group-field';
import { MailboxLink } from '@/components/sending/mailbox-link';
import { TestLeftOut } from './test-left-out';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  own: { email: string };
  /** How many its A/B test has; 1: it has none. */
  variants: number;
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
  noAddress: 'has no address',
  suppressed: 'is on the suppression list',
  noConsent: 'does not work here, and has not agreed to a topic of this message',
  approval: 'does not work here: messages need approval, so an Admin has to save this test group first',
};

const NOTHING: TestResult = { outcomes: [], leftOut: [] };

export function TestDialog({ section, messageId, own, variants, mailbox, hasTopics, save, onClose }: Props) {
  const isMailbox = mailbox !== null;
  const [to, setTo] = useState(own.email);
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [whom, setWhom] = useState<'colleagues' | 'group'>('colleagues');
  const [groupId, setGroupId] = useState<TestGroupId | null>(null);
  const [variant, setVariant] = useState('0');
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
    const addresses = to.split(/[\s,;]+/).filter(Boolean);
    const asked = whom === 'group' ? { groupId } : { to: addresses, profileId: person?.id ?? null };
    const input = { sectionId: section.id, messageId, variant: Number(variant), ...asked };
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
      {refusal && !isAddress && refusal.field !== 'groupId' && (
        <Banner tone="danger">{messageFor(refusal, null)}</Banner>
      )}
      <Outcomes outcomes={outcomes} isMailbox={isMailbox} />
      {mailbox !== null && outcomes.some(({ outcome }) => outcome.kind === 'sent') && (
        <MailboxLink slug={section.slug} senderId={mailbox} />
      )}
      <TestLeftOut people={leftOut} words={hasTopics ? WHY : { ...WHY, noConsent: NO_TOPIC }} />
      {variants > 1 && (
        <ToggleRow
          label="Variant of the A/B test"
          value={variant}
          options={Array.from({ length: variants }, (_, index) => ({
            value: String(index),
            label: `Variant ${variantName(index)}`,
          }))}
          onChange={setVariant}
        />
      )}
      <ToggleRow
        label="To whom"
        value={whom}
        options={[
          { value: 'colleagues', label: 'People who work here' },
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
            help="Up to five people who work here, separated by commas."
            value={to}
            onChange={setTo}
            error={isAddress ? refusal?.message : undefined}
            inputMode="email"
            autoComplete="off"
          />
          <AsWhom slug={section.slug} person={person} onChange={setPerson} />
        </>
      )}
    </Dialog>
  );
}

/** Each failure by itself; those that went well together, if there are several. */
function Outcomes({ outcomes, isMailbox }: Pick<TestResult, 'outcomes'> & { isMailbox: boolean }) {
  const told = outcomes.map(({ to, outcome }) => ({ to, ...outcomeInWords(outcome, to, isMailbox) }));
  const fine = told.filter((one) => one.fine);
  return (
    <>
      {told
        .filter((one) => !one.fine)
        .map(({ to, text }) => (
          <Banner key={to} tone="danger">
            {told.length > 1 && `${to}: `}
            {text}
          </Banner>
        ))}
      {fine.length === 1 && <Banner tone="success">{fine[0]!.text}</Banner>}
      {fine.length > 1 && (
        <Banner tone="success">
          {isMailbox
            ? `${fine.length} test mails are in the mailbox`
            : `The server has taken ${fine.length} test mails`}
          : <span className="wrap-anywhere">{fine.map(({ to }) => to).join(', ')}</span>
        </Banner>
      )}
    </>
  );
}
