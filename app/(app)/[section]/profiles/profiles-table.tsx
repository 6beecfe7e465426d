'use client';
// A page of profiles. The whole row is a link. Arrows, j and k move, x selects, Enter opens, Shift selects a range.
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useImperativeHandle, useRef, type KeyboardEvent, type MouseEvent, type Ref } from 'react';
import { useRememberList } from '@/components/profiles/remembered-list';
import { noteLeaving } from '@/components/shell/focus-return';
import { tableClass } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useRowFocus } from '@/components/ui/row-focus';
import { useOpen } from '@/components/ui/when-online';
import type { ProfileId } from '@/lib/db/ids';
import type { ProfileRow } from '@/lib/profiles/schema';
import type { Sort } from '@/lib/profiles/sort-schema';
import { TagsOfRow, type Column } from './columns';

/** `focus`: focuses the row that was focused last; `focused`: the profile of the row that has the focus. */
export type TableHandle = { focus: () => void; focusFirst: () => void; focused: () => ProfileRow | undefined };

type Props = {
  slug: string;
  profiles: ProfileRow[];
  columns: readonly Column[];
  /** Nobody chose the columns: on small screens, some are left out. */
  usual?: boolean;
  compact?: boolean;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  selected: ReadonlySet<ProfileId>;
  onSelect: (selected: ReadonlySet<ProfileId>) => void;
  /** A link at the end of each row. */
  more?: (profile: ProfileRow) => { href: string; label: string };
  ref?: Ref<TableHandle>;
};

const WIDTHS = { sm: 'hidden sm:table-cell', lg: 'hidden @min-[800px]:table-cell' };
const BY_NAME = 'attribute:firstname';
/** Closer on a phone, for the names. */
const headClass = `${tableClass.head} max-sm:px-2`;

export function ProfilesTable(props: Props) {
  const {
    slug,
    profiles,
    columns,
    usual = false,
    compact = false,
    sort,
    onSort,
    selected,
    onSelect,
    more,
    ref,
  } = props;
  const open = useOpen();
  useRememberList(
    slug,
    profiles.map(({ id }) => id),
  );
  const { body, active, setActive, focusRow, move, hasFocus } = useRowFocus(profiles.length);
  const anchor = useRef(0);
  const selectedHere = profiles.filter(({ id }) => selected.has(id)).length;
  const cellClass = clsx('px-2 align-middle sm:px-3', compact ? 'py-1' : 'py-2');
  const widthOf = ({ from }: Column) => (usual && from ? WIDTHS[from] : '');

  useHotkeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1) });
  useImperativeHandle(ref, () => ({
    focus: () => focusRow(active),
    focusFirst: () => focusRow(0),
    focused: () => (hasFocus() ? profiles[active] : undefined),
  }));

  const toggle = (index: number, range: boolean) => {
    const next = new Set(selected);
    const on = !selected.has(profiles[index]!.id);
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const { id } of profiles.slice(from, to + 1)) {
      if (on) next.add(id);
      else next.delete(id);
    }
    anchor.current = index;
    onSelect(next);
  };
  const toggleAll = (on: boolean) => {
    const next = new Set(selected);
    for (const { id } of profiles) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onSelect(next);
  };
  const leaveFor = (href: string) => {
    noteLeaving(href);
    open(href);
  };
  const hrefOf = (id: ProfileId) => `/${slug}/profiles/${id}`;

  function onKeyDown(event: KeyboardEvent, index: number) {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey) return;
    const act: Record<string, () => void> = {
      Enter: () => leaveFor(hrefOf(profiles[index]!.id)),
      x: () => toggle(index, false),
      X: () => toggle(index, true),
    };
    if (!act[event.key]) return;
    event.preventDefault();
    act[event.key]!();
  }

  /** Shift and a click select instead of opening. */
  function onClickCapture(event: MouseEvent, index: number) {
    if (!event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(index, true);
  }

  return (
    <div className="@container relative overflow-x-auto">
      <table className={tableClass.table}>
        <thead>
          <tr>
            <th scope="col" className={`${headClass} w-10`}>
              <span className="flex">
                <Checkbox
                  label="Select this page"
                  isSelected={selectedHere === profiles.length}
                  isIndeterminate={selectedHere > 0 && selectedHere < profiles.length}
                  onChange={toggleAll}
                />
              </span>
            </th>
            <SortableHead title="Name" by={BY_NAME} sort={sort} onSort={onSort} />
            {columns.map((column) => (
              <SortableHead
                key={column.id}
                column={column.id}
                title={column.title}
                by={column.sort}
                sort={sort}
                onSort={onSort}
                className={clsx(widthOf(column), column.numeric && 'text-right')}
              />
            ))}
            {more && (
              <th scope="col" className={`${headClass} bg-surface sticky right-0`}>
                <span className="sr-only">More</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody ref={body}>
          {profiles.map((profile, index) => (
            <tr
              key={profile.id}
              tabIndex={index === active ? 0 : -1}
              onFocus={() => setActive(index)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClickCapture={(event) => onClickCapture(event, index)}
              className={clsx(
                tableClass.row,
                'relative -outline-offset-2!',
                selected.has(profile.id) && 'bg-selected shadow-[inset_3px_0_0_var(--accent)]',
              )}
            >
              <td className={cellClass}>
                <span className="relative z-10 flex">
                  <Checkbox
                    label={`Select ${profile.name}`}
                    isSelected={selected.has(profile.id)}
                    onChange={() => toggle(index, false)}
                    excludeFromTabOrder
                  />
                </span>
              </td>
              <td className={cellClass}>
                <Link
                  href={hrefOf(profile.id)}
                  title={profile.name}
                  className={clsx(
                    'font-medium wrap-anywhere after:absolute after:inset-0 hover:underline sm:block sm:max-w-72 sm:truncate',
                    !usual && 'max-sm:line-clamp-2 max-sm:w-max max-sm:max-w-36',
                  )}
                >
                  <bdi>{profile.name}</bdi>
                </Link>
                {usual && <Namesake profile={profile} />}
                {/* On a phone, a column of its own would cut them. */}
                {usual && (
                  <span data-column="tags" className="mt-1 block empty:hidden sm:hidden">
                    <TagsOfRow tags={profile.tags} />
                  </span>
                )}
              </td>
              {columns.map((column) => (
                <td
                  key={column.id}
                  className={clsx(cellClass, widthOf(column), column.numeric && 'text-right tabular-nums')}
                >
                  {column.cell(profile)}
                </td>
              ))}
              {more && (
                // In sight also where the columns are wider than the screen.
                <td
                  className={clsx(
                    cellClass,
                    'sticky right-0 z-10 pr-4 text-right',
                    selected.has(profile.id) ? 'bg-selected' : 'bg-surface',
                  )}
                >
                  <Link
                    href={more(profile).href}
                    aria-label={`${more(profile).label} ${profile.name}`}
                    className="text-muted hover:text-ink relative z-10 text-[13px] underline"
                  >
                    {more(profile).label}
                  </Link>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** On a phone, where keys have no column: what tells people of one name apart. */
function Namesake({ profile: { name, keys } }: { profile: ProfileRow }) {
  const key = keys[0]?.key;
  if (key === undefined || key === name) return null;
  return (
    <span className="text-muted block text-xs wrap-anywhere sm:hidden" title={key}>
      {key}
    </span>
  );
}

type HeadProps = {
  title: string;
  by: string | null;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
  className?: string;
  /** The column's id, for those who ask which ones are in sight. */
  column?: string;
};

/** A title that sorts, where there is an order for it; another press turns the order round. */
function SortableHead({ title, by, sort, onSort, className, column }: HeadProps) {
  const sorted = by !== null && sort?.by === by;
  if (by === null || !onSort) {
    return (
      <th scope="col" data-column={column} className={clsx(headClass, className)}>
        {title}
      </th>
    );
  }
  // Dates begin with the latest, everything else with the smallest.
  const descending = sorted ? !sort.descending : by === 'added' || by === 'changed';
  const Arrow = sorted && sort.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      data-column={column}
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={clsx(headClass, className)}
    >
      <button
        type="button"
        onClick={() => onSort({ by, descending })}
        className={clsx('hover:text-ink inline-flex items-center gap-1', sorted && 'text-ink')}
      >
        {title}
        <Arrow aria-hidden className={clsx('size-3.5', !sorted && 'invisible')} />
      </button>
    </th>
  );
}
