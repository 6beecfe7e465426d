'use client';
import { UserRound } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import { addressInNames, hasStrayBraces, writtenValue } from '@/lib/mail-document/link-values';
import { useEditorActions } from './editor-context';
import { readLink } from './link-address';

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
  const { attributes } = useEditorActions();
  const [text, setText] = useState(() => addressInNames(address, attributes));
  const [error, setError] = useState<string>();
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        // A form in a popover is a child of what opened it, for React.
        event.stopPropagation();
        const read = readLink(text, attributes);
        if (read.problem !== null) setError(read.problem);
        else onSave(read.address);
      }}
    >
      <AddressField label="Link" value={text} onChange={setText} error={error} placeholder="https://" autoFocus />
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
  brief = false,
  optional = false,
}: {
  label: string;
  value: string;
  onChange: (address: string) => void;
  /** Without help: others stand beside it. */
  brief?: boolean;
  optional?: boolean;
}) {
  const { attributes } = useEditorActions();
  const shown = (address: string) => addressInNames(address, attributes);
  const [text, setText] = useState(() => shown(value));
  const [error, setError] = useState(() => problemOf(value, attributes));
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(shown(value));
    setError(problemOf(value, attributes));
  }
  function keep(typed: string) {
    const read: ReturnType<typeof readLink> =
      typed.trim() === '' ? { address: '', problem: null } : readLink(typed, attributes);
    if (read.problem === null) setError(undefined);
    if (read.address !== null) {
      setKnown(read.address);
      if (read.address !== value) onChange(read.address);
    }
    return read;
  }
  function complete() {
    const read = keep(text);
    if (read.problem === null) setText(shown(read.address));
    else setError(read.problem);
  }
  return (
    <AddressField
      label={label}
      value={text}
      onChange={(typed) => {
        setText(typed);
        keep(typed);
      }}
      onComplete={complete}
      error={error}
      brief={brief}
      placeholder={optional ? 'No link' : 'https://'}
    />
  );
}

/** What is wrong with an address that is kept. */
const problemOf = (address: string, attributes: Parameters<typeof readLink>[1]): string | undefined =>
  hasStrayBraces(address)
    ? (readLink(addressInNames(address, attributes), attributes).problem ?? undefined)
    : undefined;

/** An address with its values by name, and a menu of them. `onComplete`: by Enter, and when somebody leaves it. */
function AddressField({
  label,
  value,
  onChange,
  onComplete,
  error,
  brief = false,
  placeholder,
  autoFocus,
}: {
  label: string;
  value: string;
  onChange: (typed: string) => void;
  onComplete?: () => void;
  error: string | undefined;
  brief?: boolean;
  placeholder: string;
  autoFocus?: boolean;
}) {
  const { attributes } = useEditorActions();
  const input = useRef<HTMLInputElement>(null);
  const menu = useRef<HTMLSpanElement>(null);
  const [first] = attributes;

  /** Writes over what is selected, and goes on behind it. */
  function insert(text: string) {
    const start = input.current?.selectionStart ?? value.length;
    const end = input.current?.selectionEnd ?? start;
    onChange(value.slice(0, start) + text + value.slice(end));
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(start + text.length, start + text.length);
    });
  }

  return (
    <TextField
      label={label}
      value={value}
      onChange={onChange}
      onBlur={({ relatedTarget }) => menu.current?.contains(relatedTarget) || onComplete?.()}
      onKeyDown={(event) => event.key === 'Enter' && onComplete?.()}
      error={error}
      help={
        brief || !first ? undefined : `Behind the name of the site, ${writtenValue(first)} becomes each person’s own.`
      }
      placeholder={placeholder}
      inputMode="url"
      inputRef={input}
      autoFocus={autoFocus}
      beside={
        first && (
          <span ref={menu} className="contents">
            <Menu
              label="Insert a value"
              trigger={
                <IconButton label="Insert a value">
                  <UserRound aria-hidden className="size-4" />
                </IconButton>
              }
              entries={attributes.map((attribute) => ({
                id: String(attribute.id),
                text: attribute.name,
                label: <span className="max-w-64 truncate">{attribute.name}</span>,
                onAction: () => insert(writtenValue(attribute)),
              }))}
            />
          </span>
        )
      }
    />
  );
}
