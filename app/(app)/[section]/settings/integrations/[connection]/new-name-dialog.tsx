'use client';
// A list was renamed in the CRM: takes over the new name, and renames the tag if wanted.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ListView } from '@/lib/integrations/list-views';
import { NAME_MAX } from '@/lib/naming/names';
import { followNameAction } from '../actions';
import type { SectionRef } from '../words';

/** The tag's name with the list's new name in place of the old one, also if the old one was too long for it. */
function renamed({ name, newName, tag }: ListView): string {
  const now = newName ?? name;
  if (tag.name.includes(name)) return tag.name.replace(name, () => now).slice(0, NAME_MAX);
  const prefix = /^.*?: /.exec(tag.name)?.[0] ?? '';
  const isCut = prefix !== '' && name.startsWith(tag.name.slice(prefix.length));
  return `${isCut ? prefix : ''}${now}`.slice(0, NAME_MAX);
}

export function NewNameDialog({
  section,
  list,
  onClose,
}: {
  section: SectionRef;
  list: ListView;
  onClose: () => void;
}) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [what, setWhat] = useState<'both' | 'list'>('both');
  const [tagName, setTagName] = useState(() => renamed(list));
  const input = { sectionId: section.id, listId: list.id, tagName: what === 'both' ? tagName : null };
  const fieldOfTag = ['name', 'tagName'].includes(refusal?.field ?? '') ? refusal?.message : undefined;
  const formMessage = messageFor(refusal, null, ['name', 'tagName']);
  return (
    <Dialog title="Take over the new name" isOpen onClose={onClose}>
      <form
        onSubmit={submit(followNameAction, input, () => {
          toast('The list has its new name');
          onClose();
          router.refresh();
        })}
        className="flex flex-col gap-4"
      >
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <p>
          “{list.name}” is called “{list.newName}” in the CRM now. It is the same list, and its tag has followed it.
        </p>
        <RadioGroup
          label="Its tag"
          value={what}
          onChange={setWhat}
          options={[
            { value: 'both', label: 'Rename the tag too', hint: 'Segments and everything else that uses it go on.' },
            { value: 'list', label: `Leave it “${list.tag.name}”` },
          ]}
        />
        {what === 'both' && (
          <TextField label="New name of the tag" value={tagName} onChange={setTagName} error={fieldOfTag} isRequired />
        )}
        <FormButtons onCancel={onClose} submit="Take over" isPending={pending} />
      </form>
    </Dialog>
  );
}
