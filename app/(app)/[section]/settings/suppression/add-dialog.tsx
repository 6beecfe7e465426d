'use client';
// Adds addresses: typed, pasted or from a file. Many are sent in parts.
import { useRef, useState, type FormEvent } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner, ProgressBar } from '@/components/ui/display';
import { Select, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import { CHANNELS, type Channel } from '@/lib/consents/schema';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import type { SectionId } from '@/lib/db/ids';
import { ADDRESSES_MAX, REASON_WORDS, REASONS, type SuppressionReason } from '@/lib/suppression/schema';
import { addSuppressionsAction } from './actions';
import { addressLines } from './address-lines';

type Props = { sectionId: SectionId; onClose: () => void; onDone: (words: string) => void };

type Outcome = { added: number; already: number; unreadable: number; invalid: { address: string; reason: string }[] };
const NOTHING: Outcome = { added: 0, already: 0, unreadable: 0, invalid: [] };

/** Examples of what could not be read. */
const SHOWN = 10;
const number = (count: number) => count.toLocaleString('en-GB');

export function AddDialog({ sectionId, onClose, onDone }: Props) {
  const [text, setText] = useState('');
  const [channel, setChannel] = useState<Channel>('email');
  const [reason, setReason] = useState<SuppressionReason>('manual');
  const [evidence, setEvidence] = useState('');
  const [sent, setSent] = useState<{ done: number; of: number } | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const { refusal, send, form, setRefusal } = useSubmission();
  const message = messageFor(refusal, null, ['addresses', 'groups']);

  async function save(event: FormEvent) {
    event.preventDefault();
    const addresses = addressLines(text);
    if (addresses.length === 0) {
      return setRefusal({ code: 'invalid', message: 'Enter at least one address.', field: 'addresses' });
    }
    const all = { ...NOTHING };
    for (let done = 0; done < addresses.length; done += ADDRESSES_MAX) {
      setSent({ done, of: addresses.length });
      const part = addresses.slice(done, done + ADDRESSES_MAX);
      const groups = [{ channel, reason, evidence, addresses: part }];
      const result = await send(addSuppressionsAction, { sectionId, groups });
      if (!result.ok) return setSent(null);
      all.added += result.value.added + result.value.changed;
      all.already += result.value.already;
      all.unreadable += result.value.unreadable;
      all.invalid = [...all.invalid, ...result.value.invalid].slice(0, SHOWN);
    }
    setSent(null);
    if (all.unreadable === 0) onDone(inWords(all));
    else setOutcome(all);
  }

  if (outcome) {
    return (
      <Dialog title="Added, but not all" isOpen onClose={onClose} actions={<Button onPress={onClose}>Close</Button>}>
        <p>{inWords(outcome)}</p>
        <Banner tone="warning">
          {number(outcome.unreadable)} {outcome.unreadable === 1 ? 'line is' : 'lines are'} not an address:
          <ul className="mt-1 list-disc pl-5">
            {outcome.invalid.map((line, index) => (
              <li key={index} className="wrap-anywhere">
                {line.reason}
              </li>
            ))}
          </ul>
        </Banner>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add addresses" isOpen onClose={onClose} unsaved={text !== ''}>
      <form ref={form} onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        {message && <Banner tone="danger">{message}</Banner>}
        <Select
          label="Channel"
          value={channel}
          onChange={setChannel}
          options={CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value] }))}
        />
        <TextArea
          label="Addresses"
          help={
            channel === 'email'
              ? 'One a line. Of a CSV, the first column counts.'
              : 'One a line, with + and the country code. Of a CSV, the first column counts.'
          }
          value={text}
          onChange={setText}
          error={messageFor(refusal, 'addresses') ?? messageFor(refusal, 'groups')}
          rows={6}
        />
        <div>
          <Button size="small" onPress={() => file.current?.click()}>
            Read from a file…
          </Button>
          <input
            ref={file}
            type="file"
            accept=".csv,.txt,text/plain,text/csv"
            className="hidden"
            aria-label="File with addresses"
            onChange={({ target }) => {
              const [chosen] = target.files ?? [];
              if (chosen) void chosen.text().then((read) => setText(addressLines(read).join('\n')));
              target.value = '';
            }}
          />
        </div>
        <Select
          label="Reason"
          value={reason}
          onChange={setReason}
          options={REASONS.map((value) => ({ value, label: capitalised(REASON_WORDS[value]), hint: HINTS[value] }))}
        />
        <TextField
          label="Note"
          help="Where this comes from, so that others understand it later. Optional."
          value={evidence}
          onChange={setEvidence}
        />
        {sent && sent.of > ADDRESSES_MAX && <ProgressBar value={sent.done / sent.of} label="Adding addresses" />}
        <FormButtons onCancel={onClose} submit="Add" isPending={sent !== null} />
      </form>
    </Dialog>
  );
}

const HINTS: Record<SuppressionReason, string> = {
  complaint: 'Somebody called a message spam. Gets nothing at all.',
  hard: 'It does not exist. Gets nothing at all.',
  manual: 'Gets no marketing; receipts and the like still go out.',
  soft: 'Full or away too often. Gets no marketing.',
};

const capitalised = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;

const inWords = ({ added, already }: Outcome) =>
  `${number(added)} ${added === 1 ? 'address' : 'addresses'} added${already > 0 ? `, ${number(already)} on the list already` : ''}.`;
