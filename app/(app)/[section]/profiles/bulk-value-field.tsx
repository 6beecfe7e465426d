'use client';
// The field for a value that many profiles shall have, by the attribute's type.
import { useId, useState } from 'react';
import { useValueSuggestions } from '@/components/comparison/use-value-suggestions';
import { inputClass, Select } from '@/components/ui/field';
import type { Attribute } from '@/lib/attributes/schema';

type Props = {
  slug: string;
  attribute: Attribute;
  text: string;
  onChange: (text: string) => void;
};

export function BulkValueField({ slug, attribute, text, onChange }: Props) {
  const id = useId();
  const [focused, setFocused] = useState(false);
  const { type } = attribute;
  const suggestions = useValueSuggestions(slug, attribute.id, focused && type === 'text');
  if (type === 'choice' || type === 'boolean') {
    const options = type === 'boolean' ? ['Yes', 'No'] : attribute.choices;
    return (
      <Select
        label="Value"
        placeholder="Choose a value"
        value={text || null}
        onChange={onChange}
        options={options.map((option) => ({ value: option, label: option }))}
      />
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] font-medium">
        Value
      </label>
      <input
        id={id}
        type={type === 'date' ? 'date' : 'text'}
        inputMode={type === 'number' ? 'decimal' : undefined}
        autoComplete="off"
        list={type === 'text' ? `${id}-suggestions` : undefined}
        value={text}
        onFocus={() => setFocused(true)}
        onChange={(event) => onChange(event.target.value)}
        className={inputClass}
      />
      {type === 'text' && (
        <datalist id={`${id}-suggestions`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </div>
  );
}
