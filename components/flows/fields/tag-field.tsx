'use client';
// One tag, in a field like the others.
import clsx from 'clsx';
import { ChevronDown, X } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagPicker } from '@/components/tags/tag-picker';
import { useTagLabels } from '@/components/tags/use-tags';
import { IconButton } from '@/components/ui/button';
import { inputClass } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';
import type { TagId } from '@/lib/db/ids';

type Props = {
  slug: string;
  label: string;
  help?: string;
  tagId: TagId | null;
  onChange: (tagId: TagId) => void;
  /** It may be none. */
  onClear?: () => void;
};

export function TagField({ slug, label, help, tagId, onChange, onClear }: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { labels, isComplete } = useTagLabels(slug, tagId === null ? [] : [tagId]);
  const chosen = tagId === null ? undefined : labels.get(tagId);
  const isGone = tagId !== null && isComplete && !chosen;
  return (
    <div className="relative flex min-w-0 flex-col gap-1">
      <span id={`${id}-label`} className="text-[13px] font-medium">
        {label}
      </span>
      <span className="flex items-center gap-1">
        <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
          <Button
            id={id}
            aria-labelledby={`${id} ${id}-label`}
            aria-describedby={help && `${id}-help`}
            className={clsx(
              inputClass,
              'flex min-w-0 items-center justify-between gap-2 text-left',
              isGone ? 'border-danger text-danger' : tagId === null && 'text-muted',
            )}
          >
            <span className="truncate">
              {tagId === null
                ? onClear
                  ? 'None'
                  : 'Choose a tag'
                : (chosen?.name ?? (isGone ? 'A tag that is hidden' : '…'))}
            </span>
            <ChevronDown aria-hidden className="text-muted size-4 shrink-0" />
          </Button>
          <Popover placement="bottom start" className={`${popoverClass} w-80 max-w-[calc(100vw-1.5rem)]`}>
            <Dialog aria-label={label} className="outline-none">
              <TagPicker
                slug={slug}
                label={label}
                autoFocus
                single
                selection={new Map(tagId === null ? [] : [[tagId, 'all' as const]])}
                onToggle={(tag) => {
                  setOpen(false);
                  onChange(tag.id);
                }}
              />
            </Dialog>
          </Popover>
        </DialogTrigger>
        {onClear && tagId !== null && (
          <IconButton label={`${label}: none`} onPress={onClear}>
            <X aria-hidden className="size-4" />
          </IconButton>
        )}
      </span>
      {help && (
        <span id={`${id}-help`} className="text-muted text-[13px]">
          {help}
        </span>
      )}
    </div>
  );
}
