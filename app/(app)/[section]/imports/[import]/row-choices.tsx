'use client';
// How rows are matched to profiles, which rows count, and how keys in cells are read.
import { Checkbox, RadioGroup, Select } from '@/components/ui/field';
import type { KeyspaceId } from '@/lib/db/ids';
import type { Mapping } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';

type Props = {
  mapping: Mapping;
  keyspaces: Keyspace[];
  countries: { value: string; label: string }[];
  onChange: (change: Partial<Mapping>) => void;
};

export function RowChoices({ mapping, keyspaces, countries, onChange }: Props) {
  const mappedKeys = keyspaces.filter(({ id }) =>
    mapping.columns.some((column) => column.to === 'key' && column.keyspaceId === id),
  );
  return (
    <div className="mt-4 flex flex-wrap gap-8">
      {mappedKeys.length > 0 && (
        <RadioGroup
          label="Rows find their profile by"
          value={String(mapping.match)}
          onChange={(value) => onChange({ match: Number(value) as KeyspaceId })}
          options={mappedKeys.map(({ id, name }) => ({ value: String(id), label: name }))}
        />
      )}
      <RadioGroup
        label="Rows to import"
        value={mapping.rows}
        onChange={(rows) => onChange({ rows })}
        options={[
          { value: 'all', label: 'All' },
          { value: 'new', label: 'Only new profiles' },
          { value: 'existing', label: 'Only existing profiles' },
        ]}
      />
      {mapping.rows !== 'new' && (
        <div className="flex flex-col gap-3">
          <RadioGroup
            label="If a profile has a different value"
            value={mapping.existing}
            onChange={(existing) => onChange({ existing })}
            options={[
              { value: 'overwrite', label: 'The file’s value wins' },
              { value: 'fill', label: 'Only empty values are filled' },
              { value: 'keep', label: 'The existing value stays' },
            ]}
          />
          {mapping.existing === 'overwrite' && (
            <Checkbox isSelected={mapping.erase} onChange={(erase) => onChange({ erase })}>
              Empty cells erase the existing value
            </Checkbox>
          )}
        </div>
      )}
      {mappedKeys.some(({ kind }) => kind === 'mobile') && (
        <div className="min-w-56">
          <Select
            label="Country of numbers without a country code"
            value={mapping.country ?? 'none'}
            onChange={(country) => onChange({ country: country === 'none' ? null : country })}
            options={[{ value: 'none', label: 'None: numbers have their country code' }, ...countries]}
          />
        </div>
      )}
    </div>
  );
}
