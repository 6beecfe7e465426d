'use client';
// Which fields of contacts set which attributes. The CRM is asked for its fields when somebody adds one.
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { Select, type Option } from '@/components/ui/field';
import { getJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import type { ConnectionId } from '@/lib/db/ids';
import type { CrmField } from '@/lib/integrations/connector';
import type { FieldMapping } from '@/lib/integrations/schema';

type Props = {
  slug: string;
  connectionId: ConnectionId;
  value: readonly FieldMapping[];
  attributes: Option<string>[];
  onChange: (value: FieldMapping[]) => void;
};

const EXISTING: Option<FieldMapping['existing']>[] = [
  { value: 'fill', label: 'Fill if empty' },
  { value: 'overwrite', label: 'Overwrite' },
];

export function FieldMappings({ slug, connectionId, value, attributes, onChange }: Props) {
  const [adding, setAdding] = useState(false);
  const found = useQuery({
    queryKey: ['crm-fields', slug, connectionId],
    queryFn: ({ signal }) => getJson<CrmField[]>(`/data/${slug}/integrations/${connectionId}/fields`, signal),
    enabled: adding || value.length > 0,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const fields = found.data ?? [];
  const used = new Set(value.map(({ code }) => code));
  const free = attributes.filter((attribute) => !used.has(attribute.value));
  const change = (index: number, part: Partial<FieldMapping>) =>
    onChange(value.map((mapping, at) => (at === index ? { ...mapping, ...part } : mapping)));
  /** Also a field that the CRM does not have now, so that it can be seen and changed. */
  const optionsFor = (name: string): Option<string>[] => [
    ...(fields.some((field) => field.name === name) ? [] : [{ value: name, label: name }]),
    ...fields.map((field) => ({ value: field.name, label: field.label, hint: field.name })),
  ];

  return (
    <div className="flex flex-col gap-3">
      {value.map((mapping, index) => (
        <div key={mapping.code} className="grid items-end gap-2 sm:grid-cols-[1fr_1fr_9rem_auto]">
          <Select
            label="Field of the CRM"
            value={mapping.field}
            options={optionsFor(mapping.field)}
            onChange={(field) => change(index, { field })}
          />
          <Select
            label="Attribute"
            value={mapping.code}
            options={attributes.filter((option) => option.value === mapping.code || !used.has(option.value))}
            onChange={(code) => change(index, { code })}
          />
          <Select
            label="If there is a value"
            value={mapping.existing}
            options={EXISTING}
            onChange={(existing) => change(index, { existing })}
          />
          <IconButton
            label={`Remove the field ${mapping.field}`}
            onPress={() => onChange(value.filter((_, at) => at !== index))}
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {found.isError && (
        <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
          {`The fields could not be read. ${found.error.message}`}
        </ReadFailed>
      )}
      {adding && found.isPending && <p role="status">Asking the CRM for its fields…</p>}
      {adding && found.isSuccess ? (
        <Select
          label="Field to add"
          value={null}
          placeholder="Choose a field"
          options={fields.map((field) => ({ value: field.name, label: field.label, hint: field.name }))}
          autoFocus
          onChange={(field) => {
            setAdding(false);
            onChange([...value, { field, code: free[0]!.value, existing: 'fill' }]);
          }}
        />
      ) : (
        <Button isDisabled={free.length === 0 || adding} onPress={() => setAdding(true)}>
          Add a field
        </Button>
      )}
    </div>
  );
}
