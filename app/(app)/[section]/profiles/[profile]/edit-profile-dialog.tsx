'use client';
// Keys and attributes in one form. Only what was changed is sent; what somebody else changed meanwhile is not lost.
import { useState, type FormEvent } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Select, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
import type { Attribute } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { SectionId } from '@/lib/db/ids';
import type { Keyspace, ProfileDetails } from '@/lib/profiles/schema';
import { updateProfileAction } from '../actions';

type Props = {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  attributes: Attribute[];
  keyspaces: Keyspace[];
  onClose: () => void;
  onSaved: () => void;
};

const FOLLOWS_A_KEY = ['email', 'mobile', 'crmid'];
const EMPTY = '—';

export function EditProfileDialog({ section, profile, attributes, keyspaces, onClose, onSaved }: Props) {
  const toast = useToast();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [keys, setKeys] = useState<Record<number, string>>({});
  const [values, setValues] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const editable = attributes.filter(({ code, system }) => !(system && FOLLOWS_A_KEY.includes(code)));
  const keyOf = (id: number) => keys[id] ?? profile.keys.find(({ keyspaceId }) => keyspaceId === id)?.key ?? '';
  const valueOf = (code: string) => values[code] ?? formatAttributeValue(profile.attributes[code]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const given = Object.entries(keys).map(([id, key]) => ({ keyspaceId: Number(id), key }));
    const input = {
      sectionId: section.id,
      profileId: profile.id,
      keys: given,
      attributes: values,
      seen: profile.updatedAt,
    };
    const result = await answerOf(updateProfileAction(input, requestId));
    setPending(false);
    if (!result.ok) {
      setRefusal(result.refusal);
      setRequestId(crypto.randomUUID());
      return;
    }
    toast(result.value.changed.length > 0 ? 'Saved' : 'Nothing had changed');
    onSaved();
  }

  const fields = [...keyspaces.map(({ id }) => `key:${id}`), ...editable.map(({ code }) => code)];
  const formMessage = messageFor(refusal, null, fields);
  return (
    <Dialog title={`Edit ${profile.name}`} isOpen onClose={onClose} wide>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <div className="grid gap-4 sm:grid-cols-2">
          {keyspaces.map(({ id, name }) => (
            <TextField
              key={id}
              label={name}
              value={keyOf(id)}
              onChange={(value) => setKeys((all) => ({ ...all, [id]: value }))}
              error={messageFor(refusal, `key:${id}`)}
            />
          ))}
          {editable.map((attribute) => (
            <AttributeField
              key={attribute.code}
              attribute={attribute}
              value={valueOf(attribute.code)}
              onChange={(value) => setValues((all) => ({ ...all, [attribute.code]: value }))}
              error={messageFor(refusal, attribute.code)}
            />
          ))}
        </div>
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}

type FieldProps = { attribute: Attribute; value: string; onChange: (value: string) => void; error?: string };

function AttributeField({ attribute, value, onChange, error }: FieldProps) {
  const choices = attribute.type === 'choice' ? attribute.choices : attribute.type === 'boolean' ? ['Yes', 'No'] : null;
  if (choices) {
    return (
      <Select
        label={attribute.name}
        value={value || EMPTY}
        onChange={(next) => onChange(next === EMPTY ? '' : next)}
        error={error}
        options={[EMPTY, ...choices].map((choice) => ({ value: choice, label: choice }))}
      />
    );
  }
  return (
    <TextField
      label={attribute.name}
      value={value}
      onChange={onChange}
      error={error}
      help={attribute.type === 'date' ? 'As 2025-11-30' : undefined}
      inputMode={attribute.type === 'number' ? 'decimal' : undefined}
    />
  );
}
