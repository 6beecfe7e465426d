'use client';
// Tags as chips in their colours: in lists, as links to the tag's page, and on a profile.
import clsx from 'clsx';
import { Tag as TagIcon, X } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useParams } from 'next/navigation';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { DateTime } from '@/components/ui/date-time';
import { popoverClass } from '@/components/ui/popover-class';
import type { TagId } from '@/lib/db/ids';
import type { HeldTag } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';
import { keepsOffInWords } from '@/lib/tags/claim-words';
import { sourceInWords } from '@/lib/tags/source';
import { HeldBy } from './held-by';
import { tagChipClass, tagColours } from './tag-colour';

const chip = clsx(tagChipClass, 'inline-block px-2 py-px align-middle text-[12px] font-medium');
const small = clsx(chip, 'truncate rounded-full');
const whole = clsx(chip, 'max-w-full rounded-xl whitespace-normal wrap-anywhere');

const title = clsx(tagChipClass, 'inline-block rounded-2xl px-3 py-0.5 whitespace-normal wrap-anywhere');

/** The address of a tag's page, in the section of the page. */
export function useTagHref(): (id: TagId) => string {
  const { section } = useParams<{ section: string }>();
  return (id) => `/${section}/tags/${id}`;
}

/** How much of a long name is shown. `small`: 10 rem; `wide`: a line; `whole`: all of it. */
type ChipSize = 'small' | 'wide' | 'whole';

type TagNameProps = { tag: Omit<TagLabel, 'id'>; size?: 'small' | 'whole' | 'title' };

/** Only the name, for places where a link would be in the way, such as dialogs. `title`: as the heading of a page, whole. */
export function TagName({ tag, size = 'small' }: TagNameProps) {
  return (
    <span
      {...tagColours(tag.colour)}
      className={{ small: clsx(small, 'max-w-40'), whole, title }[size]}
      {...(size === 'small' && { title: tag.name })}
    >
      <bdi>{tag.name}</bdi>
    </span>
  );
}

/** The name, as a link to the tag's page. */
export function TagLink({ tag, size = 'small' }: { tag: TagLabel; size?: ChipSize }) {
  const href = useTagHref();
  return (
    <Link
      href={href(tag.id)}
      {...tagColours(tag.colour)}
      className={clsx(
        { small: clsx(small, 'max-w-[min(10rem,100%)]'), wide: clsx(small, 'max-w-full'), whole }[size],
        'hover:underline',
      )}
      title={tag.name}
    >
      <bdi>{tag.name}</bdi>
    </Link>
  );
}

/** Shows its history on a press, and has a button that removes it. */
export function TagChip({ tag, onRemove }: { tag: HeldTag; onRemove: () => void }) {
  const href = useTagHref();
  return (
    <span
      {...tagColours(tag.colour)}
      className={clsx(tagChipClass, 'inline-flex h-7 max-w-full items-center rounded-full text-[13px] font-medium')}
    >
      <DialogTrigger>
        <Button
          className="flex min-w-0 items-center gap-1.5 rounded-full py-1 pr-1.5 pl-2.5 -outline-offset-1 outline-current"
          aria-label={`${tag.name}: where it came from`}
        >
          <TagIcon aria-hidden className="size-3.5 shrink-0" />
          <bdi className="truncate">{tag.name}</bdi>
        </Button>
        <Popover placement="bottom start" className={`${popoverClass} max-w-72`}>
          <Dialog aria-label={`Where “${tag.name}” came from`} className="flex flex-col gap-1 outline-none">
            <bdi className="font-medium wrap-anywhere">{tag.name}</bdi>
            {tag.description && <span className="text-muted wrap-anywhere">{tag.description}</span>}
            <TagStory tag={tag} />
            <HeldBy tag={tag} />
            {tag.lists.length > 0 && (
              <span className="text-muted text-[13px]">
                Removing it here keeps it off: syncs leave it off until somebody lets this person in again.
              </span>
            )}
            <Link href={href(tag.id)} className="text-accent-ink mt-1 w-fit underline">
              About this tag
            </Link>
          </Dialog>
        </Popover>
      </DialogTrigger>
      <Button
        aria-label={`Remove ${tag.name}`}
        aria-description={tag.lists.length > 0 ? keepsOffInWords(tag.lists) : undefined}
        onPress={onRemove}
        className="hover:opacity-60 flex size-7 shrink-0 items-center justify-center rounded-full -outline-offset-3 outline-current"
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
