'use client';
// Sets a consent by hand, with the reason for it.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, Select, TextArea } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import { CHANNELS, type Channel, type HeldConsent, type Topic } from '@/lib/consents/schema';
import { CHANNEL_NAMES, CONSENT_WORDS } from '@/lib/consents/words';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { setConsentAction } from '../actions';

export type ConsentSet = { changeId: number; words: string };

type Props = {
  sectionId: SectionId;
  profileId: ProfileId;
  topics: readonly Topic[];
  consents: readonly HeldConsent[];
  onClose: () => void;
  onDone: (set: ConsentSet) => void;
};

const TYPES = ['opt-in', 'opt-out'] as const;
const FIELDS = ['topicId', 'channel', 'type', 'reason'];

export function ConsentDialog({ sectionId, profileId, topics, consents, onClose, onDone }: Props) {
  const [topicId, setTopicId] = useState(topics[0]!.id);
  const [channel, setChannel] = useState<Channel>('email');
  const [type, setType] = useState<(typeof TYPES)[number] | null>(null);
  const [reason, setReason] = useState('');
  const { refusal, pending, submit } = useSubmission();
  const topic = topics.find(({ id }) => id === topicId)!;
  const now = consents.find((consent) => consent.topicId === topicId && consent.channel === channel);
  const words = (of: string) => `${topic.name}, ${CHANNEL_NAMES[channel]}: ${of}`;
  const save = submit(setConsentAction, { sectionId, profileId, topicId, channel, type, reason }, ({ changeId }) =>
    onDone({ changeId, words: words(CONSENT_WORDS[type!]) }),
  );
  const message = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title="Set a consent" isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {message && <Banner tone="danger">{message}</Banner>}
        <Select
          label="Topic"
          value={String(topicId)}
          onChange={(chosen) => setTopicId(topics.find(({ id }) => String(id) === chosen)!.id)}
          options={topics.map(({ id, name, folder }) => ({
            value: String(id),
            label: name,
            hint: folder || undefined,
          }))}
          error={messageFor(refusal, 'topicId')}
        />
        <Select
          label="Channel"
          value={channel}
          onChange={setChannel}
          options={CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value] }))}
        />
        <p className="text-muted">Now: {now ? CONSENT_WORDS[now.type] : 'no consent'}</p>
        <RadioGroup
          label="The person has"
          value={type}
          onChange={setType}
          options={TYPES.map((value) => ({ value, label: CONSENT_WORDS[value] }))}
          error={messageFor(refusal, 'type')}
        />
        <TextArea
          label="Reason"
          help="What you will show if somebody asks: when and how the person said so."
          value={reason}
          onChange={setReason}
          error={messageFor(refusal, 'reason')}
          rows={2}
        />
        <FormButtons onCancel={onClose} submit="Set" isPending={pending} isDisabled={type === null} />
      </form>
    </Dialog>
  );
}
