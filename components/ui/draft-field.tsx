'use client';
// A field whose value can be held only if it is right: what is typed stays in the field, and the last right value is kept.
import { useState, type ReactNode } from 'react';
import { TextArea, TextField } from './field';

type Props<Value> = {
  label: ReactNode;
  help?: ReactNode;
  value: Value;
  show: (value: Value) => string;
  /** The value that a text means, or what is wrong with it. */
  read: (text: string) => { value: Value } | { problem: string };
  onChange: (value: Value) => void;
  /** As lines. */
  lines?: boolean;
  placeholder?: string;
  inputMode?: 'numeric' | 'url';
};

export function DraftField<Value>({ label, help, value, show, read, onChange, lines = false, ...input }: Props<Value>) {
  const [typed, setTyped] = useState<{ text: string; of: string } | null>(null);
  const saved = show(value);
  // By undo, or by somebody else: what is held has changed under the field.
  const isOwn = typed !== null && typed.of === saved;
  const text = isOwn ? typed.text : saved;
  const checked = isOwn ? read(typed.text) : null;
  const field = {
    label,
    help,
    value: text,
    error: checked && 'problem' in checked ? checked.problem : undefined,
    onChange: (next: string) => {
      const found = read(next);
      setTyped({ text: next, of: 'value' in found ? show(found.value) : saved });
      if ('value' in found) onChange(found.value);
    },
    onBlur: () => checked && 'value' in checked && setTyped(null),
  };
  return lines ? <TextArea {...field} /> : <TextField {...field} {...input} />;
}
