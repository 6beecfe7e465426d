'use client';
// A new webhook: its address, and the events it receives.
import { useState } from 'react';
import { TagPicker } from '@/components/tags/tag-picker';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ScopeField } from '@/components/ui/scope-field';
import { useSubmission } from '@/components/ui/use-submission';
import type { KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { createWebhookAction } from './actions';

export type SectionRef = { id: SectionId; slug: string };
type Props = {
  section: SectionRef;
  keyspaces: { id: KeyspaceId; name: string }[];
  onClose: () => void;
  onCreated: (secret: string) => void;
};

const FIELDS = ['url', 'description', 'tags', 'keyspaces'];

export function WebhookDialog({ section, keyspaces, onClose, onCreated }: Props) {
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [tags, setTags] = useState<'all' | TagId[]>('all');
  const [chosenKeyspaces, setKeyspaces] = useState<'all' | KeyspaceId[]>('all');
  const { refusal, pending, submit } = useSubmission();

  const input = { sectionId: section.id, url, description, tags, keyspaces: chosenKeyspaces };

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title="New webhook" isOpen onClose={onClose}>
      <form
        onSubmit={submit(createWebhookAction, input, ({ secret }) => onCreated(secret))}
        className="flex flex-col gap-4"
      >
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField
          label="Address"
          help="Messages are posted here, such as https://example.com/tagwell"
          value={url}
          onChange={setUrl}
          error={messageFor(refusal, 'url')}
          autoFocus
          isRequired
        />
        <TextField
          label="Description (optional)"
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
        />
        <RadioGroup
          label="Tags"
          value={tags === 'all' ? 'all' : 'some'}
          onChange={(scope) => setTags(scope === 'all' ? 'all' : [])}
          error={messageFor(refusal, 'tags')}
          options={[
            { value: 'all', label: 'All, including those added later' },
            { value: 'some', label: 'Only these' },
          ]}
        />
        {tags !== 'all' && (
          <TagPicker
            slug={section.slug}
            label="Tags whose changes it receives"
            canCreate={false}
            showsChosen
            selection={new Map(tags.map((id) => [id, 'all' as const]))}
            onToggle={({ id }, next) => setTags(next ? [...tags, id] : tags.filter((item) => item !== id))}
          />
        )}
        <ScopeField
          label="Keys that identify profiles"
          choices={keyspaces}
          value={chosenKeyspaces}
          onChange={setKeyspaces}
          error={messageFor(refusal, 'keyspaces')}
        />
        <FormButtons onCancel={onClose} submit="Create" isPending={pending} />
      </form>
    </Dialog>
  );
}
