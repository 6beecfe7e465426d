'use client';
// How rows find their profiles, which of them count, and how values are read where they can be read in two ways.
import { Checkbox, RadioGroup, Select } from '@/components/ui/field';
import type { Attribute } from '@/lib/attributes/schema';
import type { KeyspaceId } from '@/lib/db/ids';
import type { Mapping } from '@/lib/imports/schema';
import type { Keyspace } from '@/lib/profiles/schema';

type Props = {
  mapping: Mapping;
  keyspaces: Keyspace[];
  attributes: Attribute[];
  countries: { value: string; label: string }[];
  onChange: (change: Partial<Mapping>) => void;
};

const DATES = [
  { value: 'auto', label: 'Day first, if it can be' },
  { value: 'dmy', label: 'Day first: 30/11/2025' },
  { value: 'mdy', label: 'Month first: 11/30/2025' },
] as const;
const DECIMALS = [
  { value: 'auto', label: 'Comma or point, as it looks' },
  { value: ',', label: 'Comma: 1.234,5' },
  { value: '.', label: 'Point: 1,234.5' },
] as const;
const SEPARATORS = [
  { value: '|', label: 'A bar: VIP|Partner' },
  { value: ',', label: 'A comma: VIP, Partner' },
  { value: ';', label: 'A semicolon: VIP;Partner' },
  { value: ':::', label: 'Three colons: VIP ::: Partner' },
] as const;

export function RowChoices({ mapping, keyspaces, attributes, countries, onChange }: Props) {
  const mappedKeys = keyspaces.filter(({ id }) =>
    mapping.columns.some((column) => column.to === 'key' && column.keyspaceId === id),
  );
  const hasType = (type: Attribute['type']) =>
    mapping.columns.some(
      (column) =>
        column.to === 'attribute' && attributes.some(({ code, type: own }) => code === column.code && own === type),
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
          { value: 'new', label: 'Only of new profiles' },
          { value: 'existing', label: 'Only of profiles that are there' },
        ]}
      />
      {mapping.rows !== 'new' && (
        <div className="flex flex-col gap-3">
          <RadioGroup
            label="Where a profile has another value"
            value={mapping.existing}
            onChange={(existing) => onChange({ existing })}
            options={[
              { value: 'overwrite', label: 'The file’s value comes' },
              { value: 'fill', label: 'Only what is empty is filled' },
              { value: 'keep', label: 'What is there stays' },
            ]}
          />
          {mapping.existing === 'overwrite' && (
            <Checkbox isSelected={mapping.erase} onChange={(erase) => onChange({ erase })}>
              Empty cells erase what is there
            </Checkbox>
          )}
        </div>
      )}
      <div className="flex min-w-56 flex-col gap-3">
        {mappedKeys.some(({ kind }) => kind === 'mobile') && (
          <Select
            label="Country of numbers without a country code"
            value={mapping.country ?? 'none'}
            onChange={(country) => onChange({ country: country === 'none' ? null : country })}
            options={[{ value: 'none', label: 'None: numbers have their country code' }, ...countries]}
          />
        )}
        {hasType('date') && (
          <Select label="Dates" value={mapping.dates} onChange={(dates) => onChange({ dates })} options={DATES} />
        )}
        {hasType('number') && (
          <Select
            label="Decimals"
            value={mapping.decimal}
            onChange={(decimal) => onChange({ decimal })}
            options={DECIMALS}
          />
        )}
        {mapping.columns.some(({ to }) => to === 'tags') && (
          <Select
            label="Between names in tag columns"
            value={mapping.separator}
            onChange={(separator) => onChange({ separator, names: {} })}
            options={SEPARATORS}
          />
        )}
      </div>
    </div>
  );
}
