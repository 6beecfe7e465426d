'use client';
// Fields within a sentence, as in the conditions of a segment: small, with accessible names, and native where that is fastest, so
// that a page can have hundreds.
import clsx from 'clsx';
import type { ReactNode } from 'react';

const inlineClass =
  'h-8 max-w-full rounded-md border border-line-strong bg-surface px-2 text-ink field-sizing-content aria-invalid:border-danger disabled:opacity-60';

const quietClass =
  'h-8 max-w-full rounded-md border border-transparent bg-transparent px-1 text-muted hover:border-line-strong hover:text-ink field-sizing-content';

type InlineSelectProps<Value extends string> = {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; disabled?: boolean }[];
  onChange: (value: Value) => void;
  /** For fields that seldom change: looks like the surrounding text. */
  quiet?: boolean;
};

export function InlineSelect<Value extends string>({
  label,
  value,
  options,
  onChange,
  quiet,
}: InlineSelectProps<Value>) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value as Value)}
      className={clsx(quiet ? quietClass : inlineClass, 'max-w-full cursor-pointer truncate')}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

type InlineInputProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'date';
  /** Numbers are typed as text, so that invalid input is kept. */
  numeric?: boolean;
  width?: string;
  placeholder?: string;
  /** The error, shown in the tooltip and to screen readers. */
  error?: string;
  /** Values to choose from; any other can be typed. Given before they have loaded (empty), so that the field keeps its role. */
  suggestions?: readonly string[];
  onFocus?: () => void;
  id: string;
};

export function InlineInput({
  label,
  value,
  onChange,
  type = 'text',
  numeric,
  width = 'w-40',
  placeholder,
  error,
  suggestions,
  onFocus,
  id,
}: InlineInputProps) {
  return (
    <>
      <input
        id={id}
        type={type}
        aria-label={label}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        title={error}
        value={value}
        placeholder={placeholder}
        inputMode={numeric ? 'decimal' : undefined}
        autoComplete="off"
        list={suggestions && `${id}-suggestions`}
        onFocus={onFocus}
        onChange={(event) => onChange(event.target.value)}
        className={clsx(inlineClass, 'field-sizing-fixed!', width)}
      />
      {suggestions && (
        <datalist id={`${id}-suggestions`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      {error && (
        <span id={`${id}-error`} className="sr-only">
          {error}
        </span>
      )}
    </>
  );
}

/** A word between the fields. */
export function Word({ children }: { children: ReactNode }) {
  return <span className="text-muted">{children}</span>;
}
