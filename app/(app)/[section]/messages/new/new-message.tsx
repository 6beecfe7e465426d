'use client';
// A message begins with a name, which only colleagues see.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { Channel } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import { createMessageAction } from '../actions';

const CHANNELS = [
  { value: 'email' as const, label: 'Email', hint: 'To email addresses: text, pictures, buttons and links.' },
  { value: 'sms' as const, label: 'SMS', hint: 'To mobile numbers: a short text, paid for by its parts.' },
];

export function NewMessage({ section }: { section: { id: SectionId; slug: string } }) {
  const router = useRouter();
  const [name, setName] = useState('');
  const [channel, setChannel] = useState<Channel>('email');
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const wholeForm = messageFor(refusal, null, ['name']);
  return (
    <form
      className={`${cardClass} flex max-w-xl flex-col gap-4 p-4`}
      onSubmit={submit(createMessageAction, { sectionId: section.id, name, channel }, ({ id }) =>
        router.push(`/${section.slug}/messages/${id}`),
      )}
    >
      {wholeForm && <Banner tone="danger">{wholeForm}</Banner>}
      <TextField
        label="Name"
        help="Only you and your colleagues see it. For example: Newsletter, December"
        value={name}
        onChange={setName}
        error={messageFor(refusal, 'name')}
        autoFocus
      />
      <RadioGroup label="What it is" value={channel} options={CHANNELS} onChange={setChannel} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" isPending={pending}>
          Write the message
        </Button>
        <ButtonLink variant="quiet" href={`/${section.slug}/messages`}>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}
