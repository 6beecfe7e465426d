'use client';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Select, TextField } from '@/components/ui/field';
import { AttributeIdSchema } from '@/lib/db/ids';
import { GivenNameSchema } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';
import type { VariableAttrs } from './variable-node';

const GIVEN = 'given';
const BY_API = { value: GIVEN, label: 'Given by the API' };

/** Which value, of the person or of a call of the API, and what to write for those who do not have it. */
export function VariableForm({
  value,
  onSave,
}: {
  value: VariableAttrs | null;
  onSave: (attrs: VariableAttrs) => void;
}) {
  const { attributes, forApi } = useEditorActions();
  const first =
    attributes.find(({ name }) => /first ?name|förnamn|fornavn|etunimi|vorname/i.test(name)) ?? attributes[0];
  const before = value === null ? first?.id : (value.attributeId ?? GIVEN);
  const [of, setOf] = useState<string>(String(before ?? GIVEN));
  const [name, setName] = useState(value?.given ?? '');
  const [fallback, setFallback] = useState(value?.fallback ?? '');
  const [error, setError] = useState<{ name?: string; fallback?: string }>({});
  const isGiven = of === GIVEN;

  function save() {
    const text = fallback.trim();
    if (isGiven) {
      const checked = GivenNameSchema.safeParse(name.trim());
      if (!checked.success) return setError({ name: checked.error.issues[0]!.message });
      if (text === '' && !forApi) return setError({ fallback: 'Write what people read who come without it.' });
      return onSave({ attributeId: null, given: checked.data, fallback: text });
    }
    if (text === '') return setError({ fallback: 'Write what people without a value read.' });
    onSave({ attributeId: AttributeIdSchema.parse(of), given: null, fallback: text });
  }

  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        save();
      }}
    >
      <Select
        label="Value"
        value={of}
        options={[
          ...(forApi ? [BY_API] : []),
          ...attributes.map((one) => ({ value: String(one.id), label: one.name })),
          ...(forApi ? [] : [BY_API]),
        ]}
        onChange={(next) => setOf(next)}
        autoFocus
      />
      {isGiven && (
        <TextField
          label="Name of the value"
          value={name}
          onChange={setName}
          error={error.name}
          placeholder="order_number"
          maxLength={40}
          help={
            forApi
              ? 'Under this name the call gives it.'
              : 'As in the data that the flow takes which sends the message.'
          }
        />
      )}
      <TextField
        label={isGiven ? 'When the call does not give it' : 'For people without it'}
        value={fallback}
        onChange={setFallback}
        error={error.fallback}
        placeholder={isGiven ? '' : 'there'}
        maxLength={200}
        help={isGiven ? (forApi ? 'Empty: a call without it is refused.' : '') : '“Hi there” instead of “Hi ”.'}
      />
      <div className="flex justify-end">
        <Button size="small" variant="primary" type="submit">
          {value ? 'Change' : 'Insert'}
        </Button>
      </div>
    </form>
  );
}
