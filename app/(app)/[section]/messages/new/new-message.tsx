'use client';
// A message begins with a name, which only colleagues see.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { createMessageAction } from '../actions';

export function NewMessage({ section }: { section: { id: SectionId; slug: string } }) {
  const router = useRouter();
  const [name, setName] = useState('');
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const wholeForm = messageFor(refusal, null, ['name']);
  return (
    <form
      className={`${cardClass} flex max-w-xl flex-col gap-4 p-4`}
      onSubmit={submit(createMessageAction, { sectionId: section.id, name }, ({ id }) =>
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
