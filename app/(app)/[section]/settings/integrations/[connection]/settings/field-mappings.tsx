'use client';
// Which fields of contacts set which attributes. The CRM is asked for its fields when somebody adds one.
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { Select, type Option } from '@/components/ui/field';
import { FindList } from '@/components/ui/find-list';
import { ReadFailed } from '@/components/ui/read-failed';
import type { ConnectionId } from '@/lib/db/ids';
import type { CrmField } from '@/lib/integrations/connector';
import { TYPE_NAMES, type AttributeType } from '@/lib/attributes/schema';
import { lossOf } from '@/lib/integrations/field-fit';
import type { FieldMapping } from '@/lib/integrations/schema';
import { useCrmFields } from './use-crm-fields';

export type MappableAttribute = Option<string> & { type: AttributeType };

type Props = {
  slug: string;
  connectionId: ConnectionId;
  value: readonly FieldMapping[];
  attributes: MappableAttribute[];
  onChange: (value: FieldMapping[]) => void;
};

const EXISTING: Option<FieldMapping['existing']>[] = [
  { value: 'fill', label: 'Fill if empty' },
  { value: 'overwrite', label: 'Overwrite' },
];

export function FieldMappings({ slug, connectionId, value, attributes, onChange }: Props) {
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState(false);
  const found = useCrmFields(slug, connectionId, adding || value.length > 0);
  const fields = found.data ?? [];
  const used = new Set(value.map(({ code }) => code));
  const typeOf = (name: string) => fields.find((field) => field.name === name)?.type;
  /** Attributes of a type that the field fits, which no other field sets. All, if the CRM does not have the field now. */
  const attributesFor = (name: string, code?: string): MappableAttribute[] => {
    const type = typeOf(name);
    return attributes.filter(
      (attribute) =>
        (attribute.value === code || !used.has(attribute.value)) && (!type || lossOf(type, attribute.type) !== null),
    );
  };
  /** The attribute of the same name, or none: any other would be a guess. */
  const alike = ({ name, label }: CrmField): MappableAttribute | undefined =>
    attributesFor(name).find((attribute) =>
      [name, label].some((word) => word.toLowerCase() === attribute.label.toLowerCase()),
    );
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
        <div
          key={mapping.code}
          className="grid items-end gap-2 sm:grid-cols-[1fr_1fr_9rem_auto]"
          role="group"
          aria-label={`Field ${mapping.field}`}
        >
          <Select
            label="Field of the CRM"
            value={mapping.field}
            options={optionsFor(mapping.field)}
            onChange={(field) => change(index, { field })}
          />
          <Select
            label="Attribute"
            value={mapping.code || null}
            placeholder="Choose an attribute"
            options={attributesFor(mapping.field, mapping.code).map(withType)}
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
          <Loss mapping={mapping} found={found.isSuccess} type={typeOf(mapping.field)} attributes={attributes} />
        </div>
      ))}
      {found.isError && (
        <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
          {`The fields could not be read. ${found.error.message}`}
        </ReadFailed>
      )}
      {adding && found.isPending && <p role="status">Asking the CRM for its fields…</p>}
      {adding && found.isSuccess ? (
        <FindField
          fields={fields.filter(({ name }) => attributesFor(name).length > 0)}
          onChoose={(field) => {
            setAdding(false);
            setAdded(true);
            onChange([...value, { field: field.name, code: alike(field)?.value ?? '', existing: 'fill' }]);
          }}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-2">
          <Button
            isDisabled={used.size === attributes.length || used.has('') || adding}
            autoFocus={added}
            onPress={() => setAdding(true)}
          >
            Add a field
          </Button>
          {used.has('') && <p className="text-muted text-[13px]">Choose an attribute for each field first.</p>}
          {!used.has('') && used.size === attributes.length && (
            <p className="text-muted text-[13px]">
              Every attribute has its field. More are made in Settings → Data Model.
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** A field of the CRM, by a part of its label or name. */
function FindField({ fields, onChoose }: { fields: readonly CrmField[]; onChoose: (field: CrmField) => void }) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = fields.filter(({ name, label }) =>
    words.every((word) => `${label} ${name}`.toLowerCase().includes(word)),
  );
  return (
    <div className="flex flex-col gap-1">
      <p className="text-[13px] font-medium">Field to add</p>
      <FindList
        label="Field to add"
        placeholder="Search fields"
        text={text}
        onText={setText}
        entries={matching}
        entryKey={({ name }) => name}
        show={({ name, label }) => (
          <span className="flex flex-wrap items-baseline gap-x-2">
            <span className="wrap-anywhere">{label}</span>
            {label !== name && <span className="text-muted text-xs wrap-anywhere">{name}</span>}
          </span>
        )}
        onChoose={onChoose}
        autoFocus
        status={
          matching.length === 0
            ? 'No field has these words in its name.'
            : 'Fields that no free attribute fits are not offered. Attributes are made in Settings → Data Model.'
        }
      />
    </div>
  );
}

const withType = ({ value, label, type }: MappableAttribute): Option<string> => ({
  value,
  label,
  hint: TYPE_NAMES[type],
});

type LossProps = {
  mapping: FieldMapping;
  /** The CRM has answered. */
  found: boolean;
  type: CrmField['type'] | undefined;
  attributes: readonly MappableAttribute[];
};

/** What of the values is lost, in a line of its own. */
function Loss({ mapping: { field, code }, found, type, attributes }: LossProps) {
  const attribute = attributes.find(({ value }) => value === code);
  const words = () => {
    if (code === '') return '';
    if (!attribute) return 'This attribute is hidden: nothing is written to it. Choose another one.';
    if (!found) return '';
    if (!type)
      return `The CRM does not have the field “${field}” now. Choose another one, or remove it: syncs may fail.`;
    return lossOf(type, attribute.type) ?? 'Values of this field do not fit the attribute. Choose another attribute.';
  };
  const text = words();
  return text && <p className="text-warning col-span-full text-[13px]">{text}</p>;
}
