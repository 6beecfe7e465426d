'use client';
// Add New Tag only asks for a name. Similar names are shown before it is saved.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { TagId } from '@/lib/db/ids';
import { createTagAction } from './actions';
import type { SectionRef } from './tag-rows';

export function NewTagDialog({
  section,
  onClose,
  onDone,
}: {
  section: SectionRef;
  onClose: () => void;
  onDone: () => void;
}) {
  const toast = useToast();
  const [name, setName] = useState('');
  const { refusal, pending, submit, setRefusal } = useSubmission();
  const hasNearTags = refusal?.code === 'conflict';
  const near = hasNearTags ? (refusal.details as { near: { id: TagId }[] }).near.map(({ id }) => id) : [];
  const save = submit(createTagAction, { sectionId: section.id, name, despite: near }, (made) => {
    toast(`“${made.name}” has been created`);
    onDone();
  });

  return (
    <Dialog title="Add New Tag" isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(value) => {
            setName(value);
            setRefusal(null);
          }}
          error={hasNearTags ? undefined : refusal?.message}
          help="A tag is a yes or no, such as “VIP”. For values, such as a loyalty tier, add an attribute. After saving, you can edit the tag to describe it and set its Allowed Operations."
          autoFocus
        />
        {hasNearTags && (
          <Banner tone="warning">{refusal.message} Two tags with the same meaning cause confusion later.</Banner>
        )}
        <FormButtons onCancel={onClose} submit={hasNearTags ? 'Create it anyway' : 'Save'} isPending={pending} />
      </form>
    </Dialog>
  );
}
