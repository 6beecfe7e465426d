'use client';
// The values that a call of the API may give along with somebody: their names and types.
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '@/components/ui/button';
import { DraftField } from '@/components/ui/draft-field';
import { Select } from '@/components/ui/field';
import { TYPE_NAMES } from '@/lib/attributes/schema';
import { DATA_TYPES, FIELDS_MAX, type DataField } from '@/lib/flows/schema';
import { GivenNameSchema } from '@/lib/mail-document/schema';

const TYPES = DATA_TYPES.map((type) => ({ value: type, label: TYPE_NAMES[type] }));

type Props = { data: readonly DataField[]; onChange: (data: DataField[], what?: string) => void };

export function DataFields({ data, onChange }: Props) {
  const change = (at: number, part: Partial<DataField>, what?: string) =>
    onChange(data.with(at, { ...data[at]!, ...part }), what);
  return (
    <div role="group" aria-label="Data of the call" className="flex flex-col gap-3">
      {data.map(({ name, type }, at) => (
        <div key={at} className="grid grid-cols-[1fr_7rem_auto] items-start gap-2">
          <DraftField
            label={`Value ${at + 1}`}
            value={name}
            show={(text) => text}
            read={(text) => readName(text.trim(), data, at)}
            onChange={(next) => change(at, { name: next }, `data ${at}`)}
          />
          <Select label="Type" value={type} options={TYPES} onChange={(next) => change(at, { type: next })} />
          <div className="pt-6">
            <IconButton label={`Remove: ${name}`} onPress={() => onChange(data.toSpliced(at, 1))}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
        </div>
      ))}
      {data.length < FIELDS_MAX && (
        <div>
          <Button
            size="small"
            variant={data.length === 0 ? 'secondary' : 'quiet'}
            onPress={() => onChange([...data, { name: freeName(data), type: 'text' }])}
          >
            <Plus aria-hidden className="size-4" /> {data.length === 0 ? 'Take data from the call…' : 'Another value'}
          </Button>
        </div>
      )}
      {data.length > 0 && (
        <p className="text-muted text-[13px] wrap-anywhere">
          Branches can ask for it, webhooks pass it on, and emails show it as {`{{api.${data[0]!.name}}}`}. People who
          come by hand or from a segment have none.
        </p>
      )}
    </div>
  );
}

function readName(text: string, data: readonly DataField[], at: number): { value: string } | { problem: string } {
  const read = GivenNameSchema.safeParse(text);
  if (!read.success) return { problem: read.error.issues[0]!.message };
  return data.some(({ name }, other) => name === text && other !== at)
    ? { problem: 'Another value has this name.' }
    : { value: text };
}

function freeName(data: readonly DataField[]): string {
  let number = data.length + 1;
  while (data.some(({ name }) => name === `value_${number}`)) number += 1;
  return `value_${number}`;
}
