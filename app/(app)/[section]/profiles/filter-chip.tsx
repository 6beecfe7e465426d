'use client';
// One part of the filter, and a button that removes it.
import { X } from 'lucide-react';
import { Button } from 'react-aria-components';

export function FilterChip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className="border-line bg-surface inline-flex min-h-7 max-w-full items-center gap-1 rounded-2xl border pr-1 pl-3 text-[13px]">
      <span className="min-w-0 wrap-anywhere" dir="auto">
        {text}
      </span>
      <Button
        aria-label={`Remove filter: ${text}`}
        onPress={onRemove}
        className="hover:text-danger flex size-6 shrink-0 items-center justify-center rounded-full"
      >
        <X aria-hidden className="size-3.5" />
      </Button>
    </span>
  );
}
