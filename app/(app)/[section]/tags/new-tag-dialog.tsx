'use client';
// A new tag: a name is enough. Similar names are shown before it is saved.
import { Fragment, useState } from 'react';
import { ColourField, GroupField } from '@/components/tags/look-fields';
import { useTagGroups } from '@/components/tags/use-tags';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { TagId } from '@/lib/db/ids';
import type { TagColour } from '@/lib/tags/colour';
import { createTagAction } from './actions';
import type { SectionRef } from './open-dialog';

type Props = { section: SectionRef; onClose: () => void; onCreated: (id: TagId) => void };

const FIELDS = ['name', 'group', 'description'];

export function NewTagDialog({ section, onClose, onCreated }: Props) {
  const toast = useToast();
  const groups = useTagGroups(section.slug);
  const [name, setName] = useState('');
  const [colour, setColour] = useState<TagColour | null>(null);
  const [group, setGroup] = useState('');
  const [description, setDescription] = useState('');
  const { refusal, pending, submit, setRefusal } = useSubmission();
  const hasNearTags = refusal?.code === 'conflict';
  const near = hasNearTags ? (refusal.details as { near: { id: TagId; name: string }[] }).near : [];
  const input = { sectionId: section.id, name, colour, group, description, despite: near.map(({ id }) => id) };
  const save = submit(createTagAction, input, (made) => {
    toast(`“${made.name}” has been created`);
    onCreated(made.id);
  });

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title="Add New Tag" isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField
          label="Name"
          value={name}
          onChange={(value) => {
            setName(value);
            setRefusal(null);
          }}
          error={hasNearTags ? undefined : messageFor(refusal, 'name')}
          help="A tag is a yes or no, such as “VIP”. For values, such as a loyalty tier, use an attribute. The name is enough: the rest may stay empty."
          autoFocus
        />
        {hasNearTags && (
          <Banner tone="warning">
            Did you mean{' '}
            {near.map(({ id, name: other }, index) => (
              <Fragment key={id}>
                {index > 0 && ', '}“
                <Link href={`/${section.slug}/tags/${id}`} className="font-medium underline" onClick={onClose}>
                  <bdi>{other}</bdi>
                </Link>
                ”
              </Fragment>
            ))}
            ? Two tags with the same meaning cause confusion later.
          </Banner>
        )}
        <ColourField value={colour} onChange={setColour} />
        <GroupField value={group} onChange={setGroup} groups={groups} error={messageFor(refusal, 'group')} />
        <TextArea
          label="Description"
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
          rows={2}
        />
        <FormButtons onCancel={onClose} submit={hasNearTags ? 'Create it anyway' : 'Save'} isPending={pending} />
      </form>
    </Dialog>
  );
}
