'use client';
// Creates or edits a topic.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import { createTopicAction, updateTopicAction } from './actions';

type Props = {
  sectionId: SectionId;
  topic: Topic | null;
  /** The folders that exist, as suggestions. */
  folders: readonly string[];
  onClose: () => void;
  onDone: () => void;
};

const FIELDS = ['name', 'folder', 'description'];

export function TopicDialog({ sectionId, topic, folders, onClose, onDone }: Props) {
  const [name, setName] = useState(topic?.name ?? '');
  const [folder, setFolder] = useState(topic?.folder ?? '');
  const [description, setDescription] = useState(topic?.description ?? '');
  const { refusal, pending, submit } = useSubmission();
  const input = { sectionId, name, folder, description };
  const save = topic
    ? submit(updateTopicAction, { ...input, topicId: topic.id }, onDone)
    : submit(createTopicAction, input, onDone);
  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title={topic ? `Edit “${topic.name}”` : 'Add topic'} isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField
          label="Name"
          help="What people subscribe to, as they read it: “Newsletter”."
          value={name}
          onChange={setName}
          error={messageFor(refusal, 'name')}
          autoFocus
        />
        <TextField
          label="Folder"
          help="Topics are listed by folder, such as a brand or a country. Optional."
          value={folder}
          onChange={setFolder}
          suggestions={folders}
          error={messageFor(refusal, 'folder')}
        />
        <TextArea
          label="Description"
          help="People read it where they choose what to get: what it is about, and how often it comes."
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
          rows={2}
        />
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}
