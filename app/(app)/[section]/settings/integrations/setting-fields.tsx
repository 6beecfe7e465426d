'use client';
// The fields of a connector's form. Advanced ones are folded until somebody opens them, or one of them has an error.
import { useState } from 'react';
import { Checkbox, Select, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import type { RefusalData } from '@/lib/access/refusal';
import type { ConnectorForm } from '@/lib/integrations/forms';

type Field = ConnectorForm['fields'][number];
export type SettingValues = Record<string, string>;

type Props = {
  fields: readonly Field[];
  /** What was entered; a field without a value shows its initial one. */
  values: SettingValues;
  refusal: RefusalData | null;
  onChange: (name: string, value: string) => void;
};

export function SettingFields({ fields, values, refusal, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const usual = fields.filter(({ advanced }) => !advanced);
  const advanced = fields.filter((field) => field.advanced);
  const hasError = advanced.some(({ name }) => messageFor(refusal, name) !== undefined);
  const shown = (field: Field) => (
    <SettingInput
      key={field.name}
      field={field}
      value={values[field.name] ?? field.initial}
      error={messageFor(refusal, field.name)}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  return (
    <>
      {usual.map(shown)}
      {advanced.length > 0 && (
        <details
          open={opened || hasError}
          onToggle={(event) => setOpened(event.currentTarget.open)}
          className="border-line rounded-md border px-3 py-2"
        >
          <summary className="cursor-pointer font-medium">More settings</summary>
          <div className="flex flex-col gap-4 py-3">{advanced.map(shown)}</div>
        </details>
      )}
    </>
  );
}

type InputProps = { field: Field; value: string; error?: string; onChange: (value: string) => void };

function SettingInput({
  field: { label, kind, legible, hint, example, options = [] },
  value,
  error,
  onChange,
}: InputProps) {
  const common = { label, help: hint, error, value, onChange };
  switch (kind) {
    case 'choice':
      return <Select {...common} value={value === '' ? null : value} options={options} />;
    case 'switch':
      return (
        <div className="flex flex-col gap-1">
          <Checkbox isSelected={value === 'true'} onChange={(on) => onChange(String(on))}>
            {label}
          </Checkbox>
          {hint && <p className="text-muted pl-6.5 text-[13px]">{hint}</p>}
          {error && <p className="text-danger pl-6.5 text-[13px]">{error}</p>}
        </div>
      );
    case 'long_text':
      return <TextArea {...common} rows={4} />;
    case 'secret':
      return legible ? (
        <TextField {...common} autoComplete="off" />
      ) : (
        <TextField {...common} type="password" autoComplete="new-password" />
      );
    default:
      return <TextField {...common} placeholder={example} autoComplete="off" />;
  }
}

/** The values of a form, as settings and secrets. */
export function splitValues(
  fields: readonly Field[],
  values: SettingValues,
): { settings: SettingValues; secrets: SettingValues } {
  const split = { settings: {} as SettingValues, secrets: {} as SettingValues };
  for (const { name, kind, initial } of fields) {
    split[kind === 'secret' ? 'secrets' : 'settings'][name] = values[name] ?? initial;
  }
  return split;
}
