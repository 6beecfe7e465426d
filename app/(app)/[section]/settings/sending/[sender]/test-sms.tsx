'use client';
// Sends a test SMS to a number that the Admin enters.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SenderId } from '@/lib/db/ids';
import { sendTestSmsAction } from '../actions';
import { outcomeInWords, type SectionRef } from '../words';

type Props = {
  section: SectionRef;
  senderId: SenderId;
  isMailbox: boolean;
  onTested: (tested: { text: string; fine: boolean }) => void;
};

export function TestSms({ section, senderId, isMailbox, onTested }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState('');
  const { refusal, pending, submit } = useSubmission();
  const send = submit(sendTestSmsAction, { sectionId: section.id, senderId, to }, (value) => {
    setOpen(false);
    onTested(outcomeInWords(value.outcome, value.to, isMailbox, 'SMS'));
  });
  const formMessage = messageFor(refusal, null, ['to']);
  return (
    <>
      <Button onPress={() => setOpen(true)}>Send a test SMS to me</Button>
      <Dialog
        title="Send a test SMS"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        unsaved={false}
        actions={
          <>
            <Button onPress={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" form="test-sms" variant="primary" isPending={pending}>
              Send
            </Button>
          </>
        }
      >
        <form id="test-sms" onSubmit={send} className="flex flex-col gap-3">
          <TextField
            label="Your number"
            help={
              isMailbox
                ? 'With + and its country code. The SMS is kept in the mailbox, and sent to nobody.'
                : 'With + and its country code, such as +46701234567. One SMS is sent.'
            }
            type="tel"
            autoComplete="tel"
            value={to}
            onChange={setTo}
            error={messageFor(refusal, 'to')}
            autoFocus
            isRequired
          />
          {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        </form>
      </Dialog>
    </>
  );
}
