'use client';
// Chosen tags as removable chips.
import clsx from 'clsx';
import { X } from 'lucide-react';
import { Button } from 'react-aria-components';
import type { TagLabel } from '@/lib/tags/schema';
import { tagChipClass, tagColours } from './tag-colour';

/** Renders nothing while none is chosen. */
export function ChosenTags({
  label,
  tags,
  onRemove,
}: {
  label: string;
  tags: readonly TagLabel[];
  onRemove: (tag: TagLabel) => void;
}) {
  if (tags.length === 0) return null;
  return (
    <ul aria-label={label} className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <RemovableTag key={tag.id} tag={tag} label={`Remove ${tag.name}`} onRemove={() => onRemove(tag)} />
      ))}
    </ul>
  );
}

/** An item of a list. `label`: of the button. */
export function RemovableTag({ tag, label, onRemove }: { tag: TagLabel; label: string; onRemove: () => void }) {
  return (
    <li
      {...tagColours(tag.colour)}
      className={clsx(
        tagChipClass,
        'inline-flex h-7 max-w-full items-center gap-0.5 rounded-full pr-0.5 pl-2.5 text-[13px] font-medium',
      )}
    >
      <bdi className="max-w-64 truncate" title={tag.name}>
        {tag.name}
      </bdi>
      <Button
        aria-label={label}
        onPress={onRemove}
        className="hover:opacity-60 flex size-6 shrink-0 items-center justify-center rounded-full"
      >
        <X aria-hidden className="size-3.5" />
      </Button>
    </li>
  );
}
