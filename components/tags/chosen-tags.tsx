'use client';
// Chosen tags as removable chips.
import clsx from 'clsx';
import { X } from 'lucide-react';
import { Button } from 'react-aria-components';
import type { TagLabel } from '@/lib/tags/schema';
import { tagChipClass, tagColours } from './tag-colour';

/** Renders nothing while none is chosen. */
type Props = {
  label: string;
  tags: readonly TagLabel[];
  onRemove: (tag: TagLabel) => void;
  /** Tags that do not exist yet. */
  later?: readonly Omit<TagLabel, 'id'>[];
  onRemoveLater?: (name: string) => void;
};

export function ChosenTags({ label, tags, onRemove, later = [], onRemoveLater }: Props) {
  if (tags.length + later.length === 0) return null;
  return (
    <ul aria-label={label} className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <RemovableTag key={tag.id} tag={tag} label={`Remove ${tag.name}`} onRemove={() => onRemove(tag)} />
      ))}
      {later.map((tag) => (
        <RemovableTag
          key={tag.name}
          tag={tag}
          isNew
          label={`Remove ${tag.name}`}
          onRemove={() => onRemoveLater?.(tag.name)}
        />
      ))}
    </ul>
  );
}

type RemovableProps = {
  tag: Omit<TagLabel, 'id'>;
  /** Of the button. */
  label: string;
  /** It does not exist yet. */
  isNew?: boolean;
  onRemove: () => void;
};

/** An item of a list. */
export function RemovableTag({ tag, label, isNew = false, onRemove }: RemovableProps) {
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
      {isNew && <span className="ml-1 text-xs font-normal">new</span>}
      <Button
        aria-label={label}
        onPress={onRemove}
        className="hover:opacity-60 flex size-6 shrink-0 items-center justify-center rounded-full -outline-offset-2 outline-current"
      >
        <X aria-hidden className="size-3.5" />
      </Button>
    </li>
  );
}
