'use client';
// Another tag for a list whose tag was hidden.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { TagPicker } from '@/components/tags/tag-picker';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ToggleRow } from '@/components/ui/toggle-row';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ListView } from '@/lib/integrations/list-views';
import type { ConnectionView } from '@/lib/integrations/views';
import type { TagLabel } from '@/lib/tags/schema';
import { chooseTagAction } from '../actions';
import type { SectionRef } from '../words';

const WAYS = [
  { value: 'new', label: 'A new tag' },
  { value: 'existing', label: 'A tag that exists' },
] as const;

type Props = { section: SectionRef; connection: ConnectionView; list: ListView; onClose: () => void };

export function ChooseTagDialog({ section, connection, list, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit, setRefusal } = useSubmission();
  const [way, setWay] = useState<'new' | 'existing'>('new');
  const [name, setName] = useState(`${connection.name}: ${list.name}`.slice(0, 100));
  const [chosen, setChosen] = useState<TagLabel | null>(null);
  const input = { sectionId: section.id, listId: list.id, tag: way === 'new' ? { name } : { id: chosen?.id } };
  const ofName = ['name', 'tag.name', 'tag'].includes(refusal?.field ?? '') ? refusal?.message : undefined;
  const formMessage = messageFor(refusal, null, ['name', 'tag.name', 'tag']);
  return (
    <Dialog title="Choose another tag" isOpen onClose={onClose}>
      <form
        onSubmit={submit(chooseTagAction, input, () => {
          toast('Chosen: start a dry run to see who would get the tag');
          onClose();
          router.refresh();
        })}
        className="flex flex-col gap-4"
      >
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <p>
          <TagName tag={list.tag} size="whole" /> was hidden for good, so syncs of “{list.name}” change nothing. The
          list can keep another tag; nothing changes before you have seen a dry run.
        </p>
        <ToggleRow
          label="Which tag"
          value={way}
          options={WAYS}
          onChange={(next) => {
            setRefusal(null);
            setWay(next);
          }}
        />
        {way === 'new' ? (
          <TextField label="Name of the tag" value={name} onChange={setName} error={ofName} isRequired autoFocus />
        ) : (
          <TagPicker
            slug={section.slug}
            label="The tag"
            canCreate={false}
            selection={new Map(chosen ? [[chosen.id, 'all']] : [])}
            showsChosen
            onToggle={(tag, on) => setChosen(on ? tag : null)}
          />
        )}
        <FormButtons
          onCancel={onClose}
          submit="Choose"
          isPending={pending}
          isDisabled={way === 'existing' && chosen === null}
        />
      </form>
    </Dialog>
  );
}
