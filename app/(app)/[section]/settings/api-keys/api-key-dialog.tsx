'use client';
// A new API key: its name, its sections and keyspaces, and its last day.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ScopeField } from '@/components/ui/scope-field';
import { useSubmission } from '@/components/ui/use-submission';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import { createApiKeyAction } from './actions';

export type Choice<Id> = { id: Id; name: string };
export type CreatedKey = { name: string; canWrite: boolean; clientId: string; secret: string };
type Props = {
  sections: Choice<SectionId>[];
  keyspaces: Choice<KeyspaceId>[];
  /** Only people with access to all sections give it. */
  mayGiveAll: boolean;
  onClose: () => void;
  onCreated: (made: CreatedKey) => void;
};

const FIELDS = ['name', 'sections', 'keyspaces', 'expiresAt'];

export function ApiKeyDialog({ sections, keyspaces, mayGiveAll, onClose, onCreated }: Props) {
  const [name, setName] = useState('');
  const [access, setAccess] = useState<'write' | 'read'>('write');
  const [chosenSections, setSections] = useState<'all' | SectionId[]>(mayGiveAll ? 'all' : []);
  const [chosenKeyspaces, setKeyspaces] = useState<'all' | KeyspaceId[]>('all');
  const [lastDay, setLastDay] = useState('');
  const { refusal, pending, submit } = useSubmission();

  const canWrite = access === 'write';
  const expiresAt = lastDay ? new Date(`${lastDay}T23:59:59`) : null;
  const input = { name, canWrite, sections: chosenSections, keyspaces: chosenKeyspaces, expiresAt };

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title="New API key" isOpen onClose={onClose}>
      <form
        onSubmit={submit(createApiKeyAction, input, (made) => onCreated({ name, canWrite, ...made }))}
        className="flex flex-col gap-4"
      >
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField
          label="Name"
          help="The system that will use it. Its changes have the source “API: name”."
          value={name}
          onChange={setName}
          error={messageFor(refusal, 'name')}
          autoFocus
          isRequired
        />
        <RadioGroup
          label="Access"
          value={access}
          onChange={setAccess}
          options={[
            { value: 'write', label: 'Read and write' },
            { value: 'read', label: 'Read only' },
          ]}
        />
        <ScopeField
          label="Sections"
          choices={sections}
          offerAll={mayGiveAll}
          value={chosenSections}
          onChange={setSections}
          error={messageFor(refusal, 'sections')}
        />
        <ScopeField
          label="Keys that identify profiles"
          choices={keyspaces}
          value={chosenKeyspaces}
          onChange={setKeyspaces}
          error={messageFor(refusal, 'keyspaces')}
        />
        <TextField
          label="Last day (optional)"
          help="If you leave this empty, the key works until it is revoked."
          type="date"
          value={lastDay}
          onChange={setLastDay}
          error={messageFor(refusal, 'expiresAt')}
        />
        <FormButtons onCancel={onClose} submit="Create" isPending={pending} />
      </form>
    </Dialog>
  );
}
