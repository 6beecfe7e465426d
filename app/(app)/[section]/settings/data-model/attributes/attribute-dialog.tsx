'use client';
// Creates or edits an attribute. Its type cannot be changed.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Select, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import { ATTRIBUTE_TYPES, TYPE_NAMES, type Attribute, type AttributeType } from '@/lib/attributes/schema';
import type { SectionId } from '@/lib/db/ids';
import { createAttributeAction, updateAttributeAction } from './actions';

type Props = { sectionId: SectionId; attribute: Attribute | null; onClose: () => void; onDone: () => void };

const FIELDS = ['name', 'choices', 'description'];

export function AttributeDialog({ sectionId, attribute, onClose, onDone }: Props) {
  const [name, setName] = useState(attribute?.name ?? '');
  const [type, setType] = useState<AttributeType>(attribute?.type ?? 'text');
  const [choices, setChoices] = useState(attribute?.choices.join('\n') ?? '');
  const [description, setDescription] = useState(attribute?.description ?? '');
  const { refusal, pending, submit } = useSubmission();

  const list = choices
    .split('\n')
    .map((choice) => choice.trim())
    .filter(Boolean);
  const input = { sectionId, name, description, choices: list };
  const save = attribute
    ? submit(updateAttributeAction, { ...input, attributeId: attribute.id }, onDone)
    : submit(createAttributeAction, { ...input, type }, onDone);

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title={attribute ? `Edit “${attribute.name}”` : 'Add attribute'} isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField label="Name" value={name} onChange={setName} error={messageFor(refusal, 'name')} autoFocus />
        <Select
          label="Type"
          value={type}
          onChange={setType}
          isDisabled={attribute !== null}
          options={ATTRIBUTE_TYPES.map((value) => ({ value, label: TYPE_NAMES[value] }))}
        />
        {type === 'choice' && (
          <TextArea
            label="Choices"
            help="One per line."
            value={choices}
            onChange={setChoices}
            error={messageFor(refusal, 'choices')}
            rows={5}
          />
        )}
        <TextArea
          label="Description"
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
