'use client';
// Chosen tags as removable chips.
import { X } from 'lucide-react';
import { Button } from 'react-aria-components';
import type { TagId } from '@/lib/db/ids';

type Tag = { id: TagId; name: string };

/** Renders nothing while none is chosen. */
export function ChosenTags({
  label,
  tags,
  onRemove,
}: {
  label: string;
  tags: readonly Tag[];
  onRemove: (tag: Tag) => void;
}) {
  if (tags.length === 0) return null;
  return (
    <ul aria-label={label} className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <li
          key={tag.id}
          className="border-line bg-accent-soft text-accent-ink inline-flex h-7 max-w-full items-center gap-0.5 rounded-full border pr-0.5 pl-2.5 text-[13px] font-medium"
        >
          <span className="truncate" title={tag.name}>
            {tag.name}
          </span>
          <Button
            aria-label={`Remove ${tag.name}`}
            onPress={() => onRemove(tag)}
            className="hover:text-danger flex size-6 shrink-0 items-center justify-center rounded-full"
          >
            <X aria-hidden className="size-3.5" />
          </Button>
        </li>
      ))}
    </ul>
  );
}
