'use client';
// The rows of the tags table, virtualised in the page's own scrolling; the arrow keys move among all of them.
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  memo,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';
import { noteLeaving } from '@/components/shell/focus-return';
import { useTagTrends } from '@/components/tags/use-tags';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useDebounced } from '@/components/ui/use-debounced';
import { useOpen } from '@/components/ui/when-online';
import type { TagId } from '@/lib/db/ids';
import type { Item, Sort } from './arrange';
import { TagCells } from './tag-cells';
import { columnClass, rowColumns, type Rights } from './tag-columns';
import type { OpenDialog, SectionRef } from './open-dialog';
import type { Favourites } from './use-favourites';

const ROW_HEIGHT = 50;
const HEADING_HEIGHT = 36;

type RowsProps = {
  section: SectionRef;
  items: Item[];
  rights: Rights;
  sort: Sort;
  descending: boolean;
  /** Results of a search come best first, so that no column is the sorted one. */
  isSearched: boolean;
  /** The tag that was just created: it is scrolled to and highlighted. */
  created: TagId | null;
  favourites: Favourites;
  onSort: (sort: Sort) => void;
  onOpen: (dialog: OpenDialog) => void;
  ref?: Ref<TagRowsHandle>;
};

/** `focusCurrent`: the row where the arrow keys are. */
export type TagRowsHandle = { focusFirst: () => void; focusCurrent: () => void };

/** Not rendered again when only something beside the table changes, such as the address. */
export const TagRows = memo(function TagRows(props: RowsProps) {
  const { section, items, rights, created, favourites, onOpen, ref } = props;
  const open = useOpen();
  const list = useRef<HTMLDivElement>(null);
  const showsGroup = items[0]?.kind !== 'heading';
  const tags = useMemo(() => items.flatMap((item, index) => (item.kind === 'tag' ? index : [])), [items]);
  /** Which of `tags` the arrow keys are at. */
  const [chosen, setActive] = useState(0);
  const active = Math.min(chosen, tags.length - 1);
  const wantsFocus = useRef(false);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    // What is above the table changes its height with the page's.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  /** Another function for other items: by that the virtualiser knows that their heights have changed. */
  const getItemKey = useCallback(
    (index: number) => {
      const item = items[index];
      return item?.kind === 'tag' ? item.tag.id : `heading ${item?.text ?? index}`;
    },
    [items],
  );
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: (index) => (items[index]?.kind === 'heading' ? HEADING_HEIGHT : ROW_HEIGHT),
    getItemKey,
    scrollMargin: margin,
    // Below the sticky header.
    scrollPaddingStart: 44,
    overscan: 2,
    initialRect: { width: 1_000, height: 900 },
  });
  const inView = rows.getVirtualItems().flatMap(({ index }) => {
    const item = items[index];
    return item?.kind === 'tag' ? item.tag.id : [];
  });
  // While somebody types, other rows come into view at each key.
  const trends = useTagTrends(section.slug, useDebounced(inView.join()), !rows.isScrolling);
  const days = useMemo(() => new Map(trends.data?.map((trend) => [trend.tagId, trend.days])), [trends.data]);
  const focusRow = (index: number) =>
    list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow(tags[active]!);
  });
  const move = (to: number, align: 'auto' | 'center' = 'auto') => {
    wantsFocus.current = true;
    const next = Math.max(0, Math.min(tags.length - 1, to));
    rows.scrollToIndex(tags[next]!, { align });
    setActive(next);
    // Avoids a re-render if the row is already active.
    if (next === active) focusRow(tags[next]!);
  };
  const place = useMemo(
    () => tags.findIndex((index) => items[index]?.kind === 'tag' && items[index].tag.id === created),
    [tags, items, created],
  );
  const shownCreated = useRef<TagId | null>(null);
  useEffect(() => {
    if (place < 0 || shownCreated.current === created) return;
    shownCreated.current = created;
    move(place, 'center');
  });
  useImperativeHandle(ref, () => ({ focusFirst: () => move(0), focusCurrent: () => move(active) }));
  /** The first press goes to the row itself, further ones from there. */
  const step = (by: number) => move(list.current?.contains(document.activeElement) ? active + by : active);
  useHotkeys({ ArrowDown: () => step(1), ArrowUp: () => step(-1) });

  function onKeyDown(event: KeyboardEvent) {
    const item = items[tags[active] ?? -1];
    if (item?.kind !== 'tag' || !(event.target instanceof HTMLElement)) return;
    if (event.target.getAttribute('role') !== 'row' || event.ctrlKey || event.metaKey || event.altKey) return;
    const { tag } = item;
    const openTag = () => {
      const href = `/${section.slug}/tags/${tag.id}`;
      noteLeaving(href);
      open(href);
    };
    const governs = rights === 'govern' && !tag.hidden;
    const act: Record<string, () => void> = {
      Home: () => move(0),
      End: () => move(tags.length - 1),
      Enter: () => (governs ? onOpen({ kind: 'edit', tag }) : openTag()),
      ...(governs && { h: () => onOpen({ kind: 'hide', tag }) }),
      ...(rights === 'read' && { f: () => favourites.toggle(tag) }),
    };
    if (!act[event.key]) return;
    event.preventDefault();
    act[event.key]!();
  }

  const columns = rowColumns(rights);
  return (
    <div role="table" aria-label="Tags" aria-rowcount={items.length + 1} onKeyDown={onKeyDown}>
      <div role="rowgroup" className="bg-surface sticky top-0 z-10">
        <div role="row" className={clsx(columns, 'border-line border-b')}>
          <Headings {...props} />
        </div>
      </div>
      <div ref={list} role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, size, start }) => {
          const item = items[index];
          if (!item) return null;
          const style = { height: size, transform: `translateY(${start - margin}px)` };
          return item.kind === 'heading' ? (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              style={style}
              className="border-line bg-sunken absolute inset-x-0 top-0 flex items-center border-b px-3"
            >
              <div role="rowheader" className="flex min-w-0 items-baseline gap-2 text-[13px]">
                <bdi className="truncate font-semibold">{item.text}</bdi>
                <span className="text-muted">{item.count.toLocaleString('en-GB')}</span>
              </div>
            </div>
          ) : (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-index={index}
              tabIndex={index === tags[active] ? 0 : -1}
              onFocus={() => setActive(tags.indexOf(index))}
              style={style}
              className={clsx(
                columns,
                'group border-line hover:bg-hover absolute inset-x-0 top-0 border-b -outline-offset-2! focus-visible:z-5',
                item.tag.id === created && 'bg-accent-soft',
              )}
            >
              <TagCells
                section={section}
                tag={item.tag}
                rights={rights}
                showsGroup={showsGroup}
                days={days.get(item.tag.id)}
                favourites={favourites}
                onOpen={onOpen}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
});

function Headings({ rights, sort, descending, isSearched, onSort }: RowsProps) {
  const column = columnClass(rights);
  const plain = 'text-muted py-2 text-[13px] font-medium whitespace-nowrap';
  const heading = (label: ReactNode, key: Sort, shown = '') => {
    const here = sort === key && !isSearched;
    const Arrow = descending ? ArrowDown : ArrowUp;
    return (
      <div role="columnheader" aria-sort={here ? (descending ? 'descending' : 'ascending') : 'none'} className={shown}>
        <button
          type="button"
          onClick={() => onSort(key)}
          className="text-muted hover:text-ink inline-flex items-center gap-1 py-2 text-[13px] font-medium whitespace-nowrap"
        >
          {label}
          {here && <Arrow aria-hidden className="size-3.5" />}
        </button>
      </div>
    );
  };
  return (
    <>
      {rights === 'read' && (
        <div role="columnheader">
          <span className="sr-only">Favourite</span>
        </div>
      )}
      {heading('Name', 'name')}
      <div role="columnheader" className={clsx(plain, column.owner)}>
        Owner
      </div>
      {heading('Profiles', 'profiles', column.profiles)}
      <div role="columnheader" className={clsx(plain, column.trend)}>
        30 days
      </div>
      {heading('Last applied', 'lastApplied', column.lastApplied)}
      <div role="columnheader" className={clsx(plain, column.usedIn)}>
        Used in
      </div>
      {rights === 'govern' && (
        <div role="columnheader" className={plain}>
          <span className="sr-only">Actions</span>
        </div>
      )}
    </>
  );
}
