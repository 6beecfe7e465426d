'use client';
// The field in which one attribute is edited, by its type.
import { inputClass } from '@/components/ui/field';
import type { RowField } from './row-field';

type Props = { field: RowField; text: string; onChange: (text: string) => void; errorId?: string };

export function AttributeInput({ field, text, onChange, errorId }: Props) {
  const shared = {
    autoFocus: true,
    'aria-label': field.name,
    'aria-invalid': errorId ? true : undefined,
    'aria-describedby': errorId,
    className: inputClass,
  };
  if (field.choices.length > 0) {
    return (
      <select
        {...shared}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      >
        <option value="">–</option>
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      {...shared}
      type={field.type === 'date' ? 'date' : 'text'}
      inputMode={field.type === 'number' ? 'decimal' : undefined}
      autoComplete="off"
      value={text}
      onFocus={(event) => event.target.type === 'text' && event.target.select()}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
