'use client';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { meantAddress, NO_ADDRESS } from './link-address';

/** Where the marked words lead. */
export function LinkForm({
  address,
  onSave,
  onRemove,
}: {
  address: string;
  onSave: (address: string) => void;
  onRemove?: () => void;
}) {
  const [text, setText] = useState(address);
  const [error, setError] = useState<string>();
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        // A form in a popover is a child of what opened it, for React.
        event.stopPropagation();
        const meant = meantAddress(text);
        if (meant === undefined) setError(NO_ADDRESS);
        else onSave(meant);
      }}
    >
      <TextField label="Link" value={text} onChange={setText} error={error} placeholder="https://" autoFocus />
      <div className="flex justify-end gap-2">
        {onRemove && (
          <Button size="small" variant="quiet" onPress={onRemove}>
            Remove the link
          </Button>
        )}
        <Button size="small" variant="primary" type="submit">
          Link
        </Button>
      </div>
    </form>
  );
}

/** A link of a block. What is an address is kept while it is typed, so that it is saved as other texts are. */
export function LinkField({
  label,
  value,
  onChange,
  help,
  optional = false,
}: {
  label: string;
  value: string;
  onChange: (address: string) => void;
  help?: string;
  optional?: boolean;
}) {
  const [text, setText] = useState(value);
  const [error, setError] = useState<string>();
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
    setError(undefined);
  }
  function keep(typed: string): string | undefined {
    const meant = typed.trim() === '' ? '' : meantAddress(typed);
    if (meant === undefined) return undefined;
    setError(undefined);
    setKnown(meant);
    if (meant !== value) onChange(meant);
    return meant;
  }
  function complete() {
    const meant = keep(text);
    if (meant === undefined) setError(NO_ADDRESS);
    else setText(meant);
  }
  return (
    <TextField
      label={label}
      value={text}
      onChange={(typed) => {
        setText(typed);
        keep(typed);
      }}
      onBlur={complete}
      onKeyDown={(event) => event.key === 'Enter' && complete()}
      error={error}
      help={help}
      placeholder={optional ? 'No link' : 'https://'}
      inputMode="url"
    />
  );
}
