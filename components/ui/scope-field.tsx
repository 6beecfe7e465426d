'use client';
// A choice between everything and a list of items.
import type { Key } from 'react';
import { Checkbox, RadioGroup } from './field';

type Props<Id extends Key> = {
  label: string;
  /** The available items. */
  choices: readonly { id: Id; name: string }[];
  value: 'all' | readonly Id[];
  onChange: (value: 'all' | Id[]) => void;
  /** Whether everything can be chosen. */
  offerAll?: boolean;
  error?: string;
};

export function ScopeField<Id extends Key>({ label, choices, value, onChange, offerAll = true, error }: Props<Id>) {
  return (
    <>
      <RadioGroup
        label={label}
        value={value === 'all' ? 'all' : 'some'}
        onChange={(scope) => onChange(scope === 'all' ? 'all' : [])}
        error={error}
        options={[
          ...(offerAll ? [{ value: 'all' as const, label: 'All, including those added later' }] : []),
          { value: 'some' as const, label: 'Only these' },
        ]}
      />
      {value !== 'all' && (
        <div className="flex flex-col gap-2 pl-6">
          {choices.map(({ id, name }) => (
            <Checkbox
              key={id}
              isSelected={value.includes(id)}
              onChange={(on) => onChange(on ? [...value, id] : value.filter((item) => item !== id))}
            >
              {name}
            </Checkbox>
          ))}
        </div>
      )}
    </>
  );
}
