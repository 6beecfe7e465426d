'use client';
// The cells of a row of the tags table.
import clsx from 'clsx';
import { Ellipsis, EyeOff, Merge, Pencil, Plug, type LucideIcon } from 'lucide-react';
import { memo } from 'react';
import { Link } from '@/components/ui/link';
import { DailySparkline } from '@/components/charts/sparkline';
import { TagLink } from '@/components/tags/tag-chip';
import { IconButton } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Menu } from '@/components/ui/menu';
import { UsedIn } from '@/components/used-in/used-in';
import type { ListOfTag } from '@/lib/integrations/kept-by';
import { WHY_NOT_KEPT } from '@/lib/integrations/kept-words';
import { listsInWords } from '@/lib/tags/claim-words';
import { isUnkept, type TagInUse } from './arrange';
import { FavouriteStar } from './favourite-star';
import { columnClass, type Rights } from './tag-columns';
import type { OpenDialog, SectionRef } from './open-dialog';
import type { Favourites } from './use-favourites';

type TagCellsProps = {
  section: SectionRef;
  tag: TagInUse;
  rights: Rights;
  /** Where no heading says it. */
  showsGroup: boolean;
  /** Absent until loaded. */
  days: readonly number[] | undefined;
  favourites: Favourites;
  onOpen: (dialog: OpenDialog) => void;
};

/** What stands below the name. */
const aboutOf = ({ group, description }: TagInUse, showsGroup: boolean): string =>
  [showsGroup && group, description].filter(Boolean).join(' · ');

/** Not rendered again when its row only moves: results change at each key in the search. */
export const TagCells = memo(function TagCells(props: TagCellsProps) {
  const { section, tag, rights, showsGroup, days, favourites, onOpen } = props;
  const column = columnClass(rights);
  const about = aboutOf(tag, showsGroup);
  const acts = actsOn(tag);
  return (
    <>
      {rights === 'read' && (
        <div role="cell">
          <FavouriteStar tag={tag} favourites={favourites} />
        </div>
      )}
      <div role="cell" className="min-w-0">
        <div className="flex min-w-0">
          <TagLink tag={tag} size="wide" />
        </div>
        {(tag.hidden || about || tag.kept) && (
          // One line, so that all rows are equally high; a row with the focus shows all of it over the next one.
          <div className="relative h-4.5">
            <span
              title={tag.hidden || tag.kept ? undefined : about}
              className="text-muted group-focus-visible:bg-surface absolute inset-x-0 top-0 truncate rounded-b text-[12px] group-focus-visible:whitespace-normal group-focus-visible:wrap-anywhere"
            >
              {tag.hidden ? (
                <>
                  Hidden <DateTime value={tag.hidden.at} /> {tag.hidden.by && `by ${tag.hidden.by}`}{' '}
                  {tag.hidden.mergedInto && `· merged into “${tag.hidden.mergedInto}”`}
                </>
              ) : (
                <>
                  {tag.kept && <ManagedBy lists={tag.kept} />}
                  {tag.kept && about && ' · '}
                  <bdi>{about}</bdi>
                </>
              )}
            </span>
          </div>
        )}
      </div>
      <div role="cell" className={clsx(column.owner, 'text-muted truncate')} title={tag.owner}>
        <bdi>{tag.owner}</bdi>
      </div>
      <div role="cell" className={column.profiles}>
        <Link href={`/${section.slug}/profiles?has=${tag.id}`} className="hover:underline">
          {tag.profiles.toLocaleString('en-GB')}
        </Link>
      </div>
      <div role="cell" className={column.trend}>
        {days && <DailySparkline days={days} now={tag.profiles} />}
      </div>
      <div role="cell" className={column.lastApplied}>
        {tag.lastApplied ? <DateTime value={tag.lastApplied} /> : <span className="text-muted">never</span>}
      </div>
      <div role="cell" className={clsx(column.usedIn, 'min-w-0')}>
        <UsedIn slug={section.slug} name={tag.name} usedIn={tag.usedIn} />
      </div>
      {rights === 'govern' && (
        <div role="cell" className="flex justify-end">
          {!tag.hidden && (
            <>
              <span className="hidden @min-[560px]:flex">
                {acts.map(({ id, Icon, label, dialog }) => (
                  <IconButton key={id} label={label} onPress={() => onOpen(dialog)}>
                    <Icon aria-hidden className="size-4" />
                  </IconButton>
                ))}
              </span>
              <span className="@min-[560px]:hidden">
                <Menu
                  label={`Change ${tag.name}`}
                  trigger={
                    <IconButton label={`Change ${tag.name}`}>
                      <Ellipsis aria-hidden className="size-4" />
                    </IconButton>
                  }
                  entries={acts.map(({ id, Icon, text, dialog }) => ({
                    id,
                    text,
                    label: (
                      <>
                        <Icon aria-hidden className="size-4" /> {text}
                      </>
                    ),
                    onAction: () => onOpen(dialog),
                  }))}
                />
              </span>
            </>
          )}
        </div>
      )}
    </>
  );
});

/** The lists that keep the tag; where one no longer does, since when and why. */
function ManagedBy({ lists }: { lists: readonly ListOfTag[] }) {
  const unkept = lists.find(isUnkept);
  return (
    <>
      <Plug aria-hidden className="mr-1 inline size-3 align-[-1px]" />
      {!unkept && 'Kept by '}
      <bdi>{listsInWords(lists)}</bdi>
      {unkept && (
        <span className="text-warning">
          : not kept since <DateTime value={unkept.since} />, {WHY_NOT_KEPT[unkept.status]}
        </span>
      )}
    </>
  );
}

type Act = { id: OpenDialog['kind']; Icon: LucideIcon; text: string; label: string; dialog: OpenDialog };

/** What Admins do with a tag: buttons, or where the table is narrow, a menu. */
const actsOn = (tag: TagInUse): Act[] => [
  { id: 'edit', Icon: Pencil, text: 'Edit…', label: `Edit ${tag.name}`, dialog: { kind: 'edit', tag } },
  {
    id: 'merge',
    Icon: Merge,
    text: 'Merge into another tag…',
    label: `Merge ${tag.name} into another tag`,
    dialog: { kind: 'merge', tag, into: null },
  },
  { id: 'hide', Icon: EyeOff, text: 'Hide…', label: `Hide ${tag.name}`, dialog: { kind: 'hide', tag } },
];
