'use client';
// The name of what a page is about, changed in place. Until another one is accepted, it keeps its name.
import { Pencil } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { IconButton } from './button';
import { TextField } from './field';
import type { Result } from '@/lib/access/refusal';

type Props = { name: string; onRename: (name: string) => Promise<Result<unknown>> };

export function NameInPlace({ name, onRename }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const pencil = useRef<HTMLButtonElement>(null);

  function close() {
    setTyped(null);
    setProblem(undefined);
    setTimeout(() => pencil.current?.focus());
  }

  async function rename() {
    if (typed === null || typed.trim() === name) return close();
    const result = await onRename(typed);
    if (result.ok) close();
    else setProblem(result.refusal.message);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') void rename();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  if (typed === null) {
    return (
      <span className="flex items-center gap-1">
        <h1 className="text-xl font-semibold wrap-anywhere">{name}</h1>
        <IconButton ref={pencil} label="Rename" onPress={() => setTyped(name)}>
          <Pencil aria-hidden className="size-4" />
        </IconButton>
      </span>
    );
  }
  return (
    <div className="max-w-md" onKeyDownCapture={onKeyDown}>
      <h1 className="sr-only">{name}</h1>
      <TextField
        label="Name"
        hideLabel
        value={typed}
        onChange={(next) => {
          setTyped(next);
          setProblem(undefined);
        }}
        onBlur={() => void rename()}
        error={problem}
        autoFocus
      />
    </div>
  );
}
