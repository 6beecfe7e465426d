'use client';
// The tags of the chart: removable chips, and a picker to add more.
import { Plus } from 'lucide-react';
import { useRef, useState, type RefObject } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { RemovableTag } from '@/components/tags/chosen-tags';
import { TagPicker } from '@/components/tags/tag-picker';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { popoverClass } from '@/components/ui/popover-class';
import type { TagId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';

type Props = {
  slug: string;
  tags: readonly TagLabel[];
  most: number;
  onChange: (ids: TagId[]) => void;
  /** The default number of tags, and a way back to them. */
  atFirst: number;
  onReset: () => void;
};

export function ChosenTags({ slug, tags, most, onChange, atFirst, onReset }: Props) {
  const ids = tags.map(({ id }) => id);
  const addButton = useRef<HTMLButtonElement>(null);
  const without = (id: TagId) => ids.filter((item) => item !== id);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-1.5">
      <ul aria-label="Tags in the chart" className="contents">
        {tags.map((tag) => (
          <RemovableTag
            key={tag.id}
            tag={tag}
            label={`Remove ${tag.name} from the chart`}
            onRemove={() => {
              // The pressed button disappears with its chip.
              addButton.current?.focus();
              onChange(without(tag.id));
            }}
          />
        ))}
      </ul>
      <AddTag
        buttonRef={addButton}
        slug={slug}
        chosen={ids}
        most={most}
        onToggle={(id, next) => onChange(next ? [...ids, id] : without(id))}
      />
      <Button size="small" variant="quiet" onPress={onReset}>
        Largest {atFirst}
      </Button>
    </div>
  );
}

type AddProps = {
  buttonRef: RefObject<HTMLButtonElement | null>;
  slug: string;
  chosen: TagId[];
  most: number;
  onToggle: (id: TagId, next: boolean) => void;
};

function AddTag({ buttonRef, slug, chosen, most, onToggle }: AddProps) {
  const [refused, setRefused] = useState(false);
  return (
    <DialogTrigger onOpenChange={() => setRefused(false)}>
      <AriaButton ref={buttonRef} className={buttonClass({ size: 'small' })}>
        <Plus aria-hidden className="size-3.5" /> Add a tag
      </AriaButton>
      <Popover className={`${popoverClass} w-80 max-w-[90vw]`}>
        <Dialog aria-label="Tags in the chart" className="flex flex-col gap-2 outline-none">
          <TagPicker
            slug={slug}
            label="Tags in the chart"
            canCreate={false}
            autoFocus
            selection={new Map(chosen.map((id) => [id, 'all']))}
            onToggle={({ id }, next) => {
              const full = next && chosen.length >= most;
              setRefused(full);
              if (!full) onToggle(id, next);
            }}
          />
          <p role="status" className="text-warning text-[13px] empty:hidden">
            {refused && `The chart can show ${most} tags. Remove one first.`}
          </p>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
