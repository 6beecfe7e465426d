'use client';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Select, TextField } from '@/components/ui/field';
import type { AttributeId } from '@/lib/db/ids';
import { useEditorActions } from './editor-context';
import type { VariableAttrs } from './variable-node';

/** Which value of the person, and what to write for those who do not have it. */
export function VariableForm({
  value,
  onSave,
}: {
  value: VariableAttrs | null;
  onSave: (attrs: VariableAttrs) => void;
}) {
  const { attributes } = useEditorActions();
  const first =
    attributes.find(({ name }) => /first ?name|förnamn|fornavn|etunimi|vorname/i.test(name)) ?? attributes[0];
  const [id, setId] = useState<AttributeId | null>(value?.attributeId ?? first?.id ?? null);
  const [fallback, setFallback] = useState(value?.fallback ?? '');
  const [error, setError] = useState<string>();
  if (attributes.length === 0) return <p className="text-muted">This section has no attributes yet.</p>;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (id === null) return;
        if (fallback.trim() === '') return setError('Write what people without a value read.');
        onSave({ attributeId: id, fallback: fallback.trim() });
      }}
    >
      <Select
        label="Value of the person"
        value={id === null ? null : String(id)}
        options={attributes.map((one) => ({ value: String(one.id), label: one.name }))}
        onChange={(next) => setId(Number(next) as AttributeId)}
        autoFocus
      />
      <TextField
        label="For people without it"
        value={fallback}
        onChange={setFallback}
        error={error}
        placeholder="there"
        maxLength={200}
        help="“Hi there” instead of “Hi ”."
      />
      <div className="flex justify-end">
        <Button size="small" variant="primary" type="submit">
          {value ? 'Change' : 'Insert'}
        </Button>
      </div>
    </form>
  );
}
