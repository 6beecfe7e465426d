'use client';
// The tags that something gives or takes, as chips, and the picker behind a button.
import { Plus } from 'lucide-react';
import { useRef } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { ChosenTags } from './chosen-tags';
import { TagPicker } from './tag-picker';
import { useTagLabels } from './use-tags';
import { buttonClass } from '@/components/ui/button-class';
import { popoverClass } from '@/components/ui/popover-class';
import type { TagId } from '@/lib/db/ids';

const TAGS_MAX = 20;

type Props = {
  slug: string;
  /** Which tags these are, such as 'Tags of “Prices”'. */
  label: string;
  /** Of the button. */
  add?: string;
  tagIds: readonly TagId[];
  onChange: (tagIds: TagId[]) => void;
};

export function TagsField({ slug, label, add = 'Add a tag', tagIds, onChange }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const { labels, isComplete } = useTagLabels(slug, tagIds);
  const nameOf = (id: TagId) => labels.get(id)?.name ?? (isComplete ? 'A tag that is hidden' : '…');
  const without = (id: TagId) => tagIds.filter((other) => other !== id);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <ChosenTags
        label={label}
        tags={tagIds.map((id) => labels.get(id) ?? { id, name: nameOf(id), colour: null })}
        onRemove={({ id }) => {
          onChange(without(id));
          // The pressed button disappears.
          button.current?.focus();
        }}
      />
      {tagIds.length < TAGS_MAX && (
        <DialogTrigger>
          <AriaButton
            ref={button}
            aria-label={`${label}: ${add.toLowerCase()}`}
            className={buttonClass({ variant: 'quiet', size: 'small' })}
          >
            <Plus aria-hidden className="size-3.5" /> {add}
          </AriaButton>
          <Popover placement="bottom start" className={`${popoverClass} w-80 max-w-[calc(100vw-1.5rem)]`}>
            <Dialog aria-label={label} className="outline-none">
              <TagPicker
                slug={slug}
                label={label}
                autoFocus
                selection={new Map(tagIds.map((id) => [id, 'all' as const]))}
                onToggle={({ id }, next) => onChange(next ? [...without(id), id] : without(id))}
              />
            </Dialog>
          </Popover>
        </DialogTrigger>
      )}
    </div>
  );
}
