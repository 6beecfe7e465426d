'use client';
// A tag on a profile: its name, and on demand since when, from which source and by whom.
import { Tag as TagIcon, X } from 'lucide-react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { DateTime } from '@/components/ui/date-time';
import { popoverClass } from '@/components/ui/popover-class';
import type { HeldTag } from '@/lib/profiles/schema';
import { sourceInWords } from '@/lib/tags/source';

const chip =
  'border-line bg-accent-soft text-accent-ink inline-flex h-7 max-w-full items-center rounded-full border text-[13px] font-medium';

/** Only the name, for lists. */
export function TagName({ name }: { name: string }) {
  return (
    <span
      className="bg-accent-soft text-accent-ink inline-block max-w-40 truncate rounded-full px-2 py-0.5 text-xs font-medium"
      title={name}
    >
      {name}
    </span>
  );
}

/** Shows its history on a press, and has a button that removes it. */
export function TagChip({ tag, onRemove }: { tag: HeldTag; onRemove: () => void }) {
  return (
    <span className={chip}>
      <DialogTrigger>
        <Button
          className="flex min-w-0 items-center gap-1.5 rounded-l-full py-1 pl-2.5"
          aria-label={`${tag.name}: where it came from`}
        >
          <TagIcon aria-hidden className="size-3.5 shrink-0" />
          <span className="truncate">{tag.name}</span>
        </Button>
        <Popover className={`${popoverClass} max-w-72`}>
          <Dialog aria-label={`Where “${tag.name}” came from`} className="flex flex-col gap-1 outline-none">
            <span className="font-medium">{tag.name}</span>
            {tag.description && <span className="text-muted">{tag.description}</span>}
            <TagStory tag={tag} />
          </Dialog>
        </Popover>
      </DialogTrigger>
      <Button
        aria-label={`Remove ${tag.name}`}
        onPress={onRemove}
        className="hover:text-danger flex size-7 shrink-0 items-center justify-center rounded-r-full"
      >
        <X aria-hidden className="size-3.5" />
      </Button>
    </span>
  );
}

function TagStory({ tag }: { tag: HeldTag }) {
  if (!tag.since || !tag.source) return <span className="text-muted">No history available.</span>;
  return (
    <span>
      {sourceInWords({ ...tag, source: tag.source })} · <DateTime value={tag.since} exact />
    </span>
  );
}
