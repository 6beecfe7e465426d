'use client';
// Add New Tag asks for a name only. Near names are shown before it is saved.
import { useState, type FormEvent } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
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
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [name, setName] = useState('');
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const asksWhetherMeant = refusal?.code === 'conflict';

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await answerOf(
      createTagAction({ sectionId: section.id, name, confirmed: asksWhetherMeant }, requestId),
    );
    setPending(false);
    if (!result.ok) {
      setRefusal(result.refusal);
      setRequestId(crypto.randomUUID());
      return;
    }
    toast(`“${result.value.name}” has been created`);
    onDone();
  }

  return (
    <Dialog title="Add New Tag" isOpen onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(value) => {
            setName(value);
            setRefusal(null);
          }}
          error={asksWhetherMeant ? undefined : refusal?.message}
          help="A tag is a yes or no, such as “VIP”; for what has values, such as a loyalty tier, add an attribute. Once it is saved you can edit it to describe it and to set its Allowed Operations."
          autoFocus
        />
        {asksWhetherMeant && (
          <Banner tone="warning">{refusal.message} Two tags that mean the same confuse everybody later.</Banner>
        )}
        <FormButtons onCancel={onClose} submit={asksWhetherMeant ? 'Create it anyway' : 'Save'} isPending={pending} />
      </form>
    </Dialog>
  );
}
