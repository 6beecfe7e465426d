'use client';
// Copies the data model of another section into this one.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { copyDataModelAction } from './actions';

type Props = { sectionId: SectionId; others: { id: number; name: string }[] };

export function CopyDataModel({ sectionId, others }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState(others[0]!.id);

  async function copy() {
    const result = await send(copyDataModelAction, { sectionId, from });
    if (!result.ok) return;
    const { tags, attributes, events, topics, name } = result.value;
    toast(`Copied from “${name}”`, {
      detail: `${tags} tags, ${attributes} attributes, ${events} events, ${topics} topics`,
    });
    setOpen(false);
    router.refresh();
  }

  return (
    <>
      <Button onPress={() => setOpen(true)}>Copy the data model of another section …</Button>
      <Dialog title="Copy the data model of another section" isOpen={open} onClose={() => setOpen(false)}>
        <div className="flex flex-col gap-3">
          <label className="flex flex-col gap-1">
            <span className="font-medium">Section</span>
            <select
              value={from}
              onChange={(event) => setFrom(Number(event.target.value))}
              className="border-line-strong bg-surface rounded-md border px-2.5 py-1.5"
            >
              {others.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <p className="text-muted">
            Its tags, attributes, events and topics are made here too, except those whose names exist here already.
            People are not copied, nor who has a tag, nor tags that lists of a CRM keep.
          </p>
          {refusal && <Banner tone="danger">{refusal.message}</Banner>}
          <div className="flex justify-end gap-2">
            <Button onPress={() => setOpen(false)}>Cancel</Button>
            <Button variant="primary" isPending={pending} onPress={() => void copy()}>
              Copy
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
