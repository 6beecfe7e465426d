'use client';
// The cells of a row of the tags table.
import clsx from 'clsx';
import { EyeOff, Merge, Pencil } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { DailySparkline } from '@/components/charts/sparkline';
import { TagLink } from '@/components/tags/tag-chip';
import { IconButton } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { UsedIn } from '@/components/used-in/used-in';
import type { TagInUse } from './arrange';
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
export const aboutOf = ({ group, description }: TagInUse, showsGroup: boolean): string =>
  [showsGroup && group, description].filter(Boolean).join(' · ');

export function TagCells({ section, tag, rights, showsGroup, days, favourites, onOpen }: TagCellsProps) {
  const column = columnClass(rights);
  const about = aboutOf(tag, showsGroup);
  return (
    <>
      {rights === 'read' && (
        <div role="cell">
          <FavouriteStar tag={tag} favourites={favourites} />
        </div>
      )}
      <div role="cell" className="min-w-0">
        <div className="flex min-w-0">
          <TagLink tag={tag} wide />
        </div>
        {(tag.hidden || about) && (
          <span className="text-muted line-clamp-2 text-[12px] wrap-anywhere" title={tag.hidden ? undefined : about}>
            {tag.hidden ? (
              <>
                Hidden <DateTime value={tag.hidden.at} /> {tag.hidden.by && `by ${tag.hidden.by}`}{' '}
                {tag.hidden.mergedInto && `· merged into “${tag.hidden.mergedInto}”`}
              </>
            ) : (
              <bdi>{about}</bdi>
            )}
          </span>
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
              <IconButton label={`Edit ${tag.name}`} onPress={() => onOpen({ kind: 'edit', tag })}>
                <Pencil aria-hidden className="size-4" />
              </IconButton>
              <IconButton
                label={`Merge ${tag.name} into another tag`}
                onPress={() => onOpen({ kind: 'merge', tag, into: null })}
              >
                <Merge aria-hidden className="size-4" />
              </IconButton>
              <IconButton label={`Hide ${tag.name}`} onPress={() => onOpen({ kind: 'hide', tag })}>
                <EyeOff aria-hidden className="size-4" />
              </IconButton>
            </>
          )}
        </div>
      )}
    </>
  );
}
