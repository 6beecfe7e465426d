'use client';
// One part of the filter, and a button that removes it. `children`: shown in place of its text, such as a button that opens it.
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';

type Props = { text: string; onRemove: () => void; children?: ReactNode };

export function FilterChip({ text, onRemove, children = text }: Props) {
  function remove() {
    // The pressed button goes with its chip: the focus moves to where filters are added. At the next chip’s button, a second
    // Enter would remove that filter too.
    document.querySelector<HTMLElement>('[data-adds-filter]')?.focus();
    onRemove();
  }

  return (
    <span className="border-line bg-surface inline-flex min-h-7 max-w-full items-center gap-1 rounded-2xl border pr-1 pl-3 text-[13px]">
      <span className="min-w-0 wrap-anywhere" dir="auto">
        {children}
      </span>
      <Button
        aria-label={`Remove filter: ${text}`}
        onPress={remove}
        className="hover:text-danger flex size-6 shrink-0 items-center justify-center rounded-full"
      >
        <X aria-hidden className="size-3.5" />
      </Button>
    </span>
  );
}
