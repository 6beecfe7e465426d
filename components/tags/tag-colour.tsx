// How the colour of a tag looks. It is never the only sign: the name is always beside it.
import clsx from 'clsx';
import type { TagColour } from '@/lib/tags/colour';

/** The surface, line and ink of a chip; `data-tag-colour` chooses them (globals.css). */
export const tagChipClass = 'border border-(--tag-line) bg-(--tag-soft) text-(--tag-ink)';

/** The attribute that gives an element the colours of a tag. */
export const tagColours = (colour: TagColour | null | undefined) => ({ 'data-tag-colour': colour ?? undefined });

/** Tags as a list that may be cut off shows them: a colour was given so that the tag is seen. */
export const colouredFirst = <Tag extends { colour: TagColour | null }>(tags: readonly Tag[]): Tag[] => [
  ...tags.filter(({ colour }) => colour),
  ...tags.filter(({ colour }) => !colour),
];

/** A dot in front of a name. A tag without a colour has none. */
export function ColourDot({ colour, className }: { colour: TagColour | null; className?: string }) {
  if (!colour) return null;
  return (
    <span
      aria-hidden
      {...tagColours(colour)}
      className={clsx('inline-block size-2.5 shrink-0 rounded-full bg-(--tag-line)', className)}
    />
  );
}
