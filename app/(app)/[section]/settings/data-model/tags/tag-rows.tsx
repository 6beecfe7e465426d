'use client';
// The rows of the tags table, virtualised; the arrow keys move among all of them.
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown, ArrowUp, ChartLine, EyeOff, Merge, Pencil } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { DailySparkline } from '@/components/charts/sparkline';
import { useTagTrends } from '@/components/tags/use-tags';
import { IconButton } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { useHotkeys } from '@/components/ui/hotkeys';
import { UsedIn } from '@/components/used-in/used-in';
import type { SectionId, TagId } from '@/lib/db/ids';
import type { TagRow } from '@/lib/tags/schema';
import type { UsersOfThing } from '@/lib/used-in/queries';

/** A tag with its uses. */
export type TagInUse = TagRow & { usedIn: UsersOfThing[] };
export type SectionRef = { id: SectionId; slug: string };

export const SORTS = ['name', 'profiles', 'lastApplied', 'createdAt'] as const;
export type Sort = (typeof SORTS)[number];

const ROW_HEIGHT = 44;
const GRID =
  'grid grid-cols-[minmax(9rem,1fr)_5.5rem_7rem] md:grid-cols-[minmax(9rem,1fr)_5rem_6.5rem_6.5rem] xl:grid-cols-[minmax(8.5rem,1fr)_5.4rem_4rem_7rem_8.3rem_7rem_7rem_6rem] items-center gap-x-2 px-3';
/** Columns that are hidden on small screens. */
const WIDE = 'hidden xl:block';

export type OpenDialog =
  { kind: 'new' } | { kind: 'edit' | 'hide'; tag: TagInUse } | { kind: 'merge'; tag: TagInUse; into: TagId | null };

type RowsProps = {
  section: SectionRef;
  tags: TagInUse[];
  sort: Sort;
  descending: boolean;
  onSort: (sort: Sort) => void;
  onOpen: (dialog: OpenDialog) => void;
  ref?: Ref<TagRowsHandle>;
};

export type TagRowsHandle = { focusFirst: () => void };

export function TagRows({ section, tags, sort, descending, onSort, onOpen, ref }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setActive] = useState(0);
  const active = Math.min(chosen, tags.length - 1);
  const wantsFocus = useRef(false);
  const rows = useVirtualizer({
    count: tags.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  const inView = rows.getVirtualItems().flatMap(({ index }) => tags[index]?.id ?? []);
  const trends = useTagTrends(section.slug, inView, !rows.isScrolling);
  const focusRow = (index: number) => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow(active);
  });
  const move = (to: number) => {
    wantsFocus.current = true;
    const next = Math.max(0, Math.min(tags.length - 1, to));
    rows.scrollToIndex(next);
    setActive(next);
    // Avoids a re-render if the row is already active.
    if (next === active) focusRow(next);
  };
  useImperativeHandle(ref, () => ({ focusFirst: () => move(0) }));
  useHotkeys({ ArrowDown: () => move(active + 1), ArrowUp: () => move(active - 1) });

  function onKeyDown(event: KeyboardEvent) {
    const tag = tags[active];
    if (!tag || !(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'row') return;
    const act: Record<string, () => void> = {
      Home: () => move(0),
      End: () => move(tags.length - 1),
      Enter: () => !tag.hidden && onOpen({ kind: 'edit', tag }),
      h: () => !tag.hidden && onOpen({ kind: 'hide', tag }),
    };
    if (!act[event.key]) return;
    event.preventDefault();
    act[event.key]!();
  }

  const heading = (label: string, key: Sort, shown = '') => {
    const here = sort === key;
    return (
      <div role="columnheader" aria-sort={here ? (descending ? 'descending' : 'ascending') : 'none'} className={shown}>
        <button
          type="button"
          onClick={() => onSort(key)}
          className="text-muted hover:text-ink inline-flex items-center gap-1 py-2 text-[13px] font-medium"
        >
          {label}
          {here &&
            (descending ? (
              <ArrowDown aria-hidden className="size-3.5" />
            ) : (
              <ArrowUp aria-hidden className="size-3.5" />
            ))}
        </button>
      </div>
    );
  };

  return (
    <div role="table" aria-label="Tags" aria-rowcount={tags.length + 1} onKeyDown={onKeyDown}>
      <div role="rowgroup">
        <div role="row" className={clsx(GRID, 'border-line border-b')}>
          {heading('Name', 'name')}
          <div role="columnheader" className={clsx(WIDE, 'text-muted text-[13px] font-medium whitespace-nowrap')}>
            Managed by
          </div>
          {heading('Profiles', 'profiles')}
          <div role="columnheader" className={clsx(WIDE, 'text-muted text-[13px] font-medium whitespace-nowrap')}>
            Used in
          </div>
          <div role="columnheader" className={clsx(WIDE, 'text-muted text-[13px] font-medium whitespace-nowrap')}>
            30 days
          </div>
          {heading('Last applied', 'lastApplied', 'hidden md:block')}
          {heading('Created', 'createdAt', WIDE)}
          <div role="columnheader" className="text-muted text-right text-[13px] font-medium">
            <span className="sr-only">Actions</span>
          </div>
        </div>
      </div>
      <div ref={scroller} role="rowgroup" tabIndex={-1} className="max-h-[66vh] overflow-y-auto">
        <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const tag = tags[index];
            if (!tag) return null;
            return (
              <div
                key={tag.id}
                role="row"
                aria-rowindex={index + 2}
                data-index={index}
                tabIndex={index === active ? 0 : -1}
                onFocus={() => setActive(index)}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  height: ROW_HEIGHT,
                  transform: `translateY(${start}px)`,
                }}
                className={clsx(GRID, 'border-line hover:bg-hover border-b -outline-offset-2!')}
              >
                <TagCells
                  section={section}
                  tag={tag}
                  days={trends.data?.find(({ tagId }) => tagId === tag.id)?.days}
                  onOpen={onOpen}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

type TagCellsProps = {
  section: SectionRef;
  tag: TagInUse;
  /** Absent until loaded. */
  days: readonly number[] | undefined;
  onOpen: (dialog: OpenDialog) => void;
};

function TagCells({ section, tag, days, onOpen }: TagCellsProps) {
  const href = `/${section.slug}/tags/${tag.id}`;
  return (
    <>
      <div role="cell" className="min-w-0">
        <Link href={href} className="block truncate font-medium hover:underline" title={tag.name}>
          {tag.name}
        </Link>
        {(tag.hidden || tag.description) && (
          <span className="text-muted block truncate text-xs">
            {tag.hidden ? (
              <>
                Hidden <DateTime value={tag.hidden.at} /> {tag.hidden.by && `by ${tag.hidden.by}`}{' '}
                {tag.hidden.mergedInto && `· merged into “${tag.hidden.mergedInto}”`}
              </>
            ) : (
              tag.description
            )}
          </span>
        )}
      </div>
      <div role="cell" className={WIDE}>
        Tagwell
      </div>
      <div role="cell">{tag.profiles.toLocaleString('en-GB')}</div>
      <div role="cell" className={WIDE}>
        <UsedIn slug={section.slug} name={tag.name} usedIn={tag.usedIn} />
      </div>
      <div role="cell" className={WIDE}>
        {days && <DailySparkline days={days} now={tag.profiles} />}
      </div>
      <div role="cell" className="hidden md:block">
        {tag.lastApplied ? <DateTime value={tag.lastApplied} /> : <span className="text-muted">never</span>}
      </div>
      <div role="cell" className={clsx(WIDE, 'truncate')} title={tag.createdBy ?? undefined}>
        <DateTime value={tag.createdAt} />
      </div>
      <div role="cell" className="flex justify-end">
        {tag.hidden ? (
          <Link href={href} aria-label={`${tag.name}: details`} className="text-muted hover:text-ink p-2">
            <ChartLine aria-hidden className="size-4" />
          </Link>
        ) : (
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
    </>
  );
}
