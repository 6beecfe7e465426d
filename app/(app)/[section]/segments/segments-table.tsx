'use client';
// The section's segments: current size, trend, uses, and which need attention.
import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Sparkline } from '@/components/charts/sparkline';
import { noteLeaving } from '@/components/shell/focus-return';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState, Kbd, PageHeader, tableClass } from '@/components/ui/display';
import { SearchField } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useRowFocus } from '@/components/ui/row-focus';
import { UsedIn } from '@/components/used-in/used-in';
import { useOpen } from '@/components/ui/when-online';
import type { SegmentRow } from '@/lib/segments/queries';
import type { UsersOfThing } from '@/lib/used-in/queries';
import { nameKey } from '@/lib/naming/names';
import { AttentionBadge } from './attention';
import { SizeNow } from './size-now';

const SORTS = ['name', 'size', 'changed'] as const;
type Sort = (typeof SORTS)[number];

type Row = SegmentRow & { usedIn: UsersOfThing[] };

export function SegmentsTable({ slug, segments }: { slug: string; segments: Row[] }) {
  const open = useOpen();
  const [search, setSearch] = useQueryState('q', { defaultValue: '' });
  const [sort, setSort] = useQueryState('sort', parseAsStringLiteral(SORTS).withDefault('name'));
  const [descending, setDescending] = useState(false);
  const searchInput = useRef<HTMLInputElement>(null);
  const create = () => open(`/${slug}/segments/new`);
  const shown = useMemo(() => arrange(segments, search, sort, descending), [segments, search, sort, descending]);
  const { body, active, setActive, focusRow, move } = useRowFocus(shown.length);
  useHotkeys({
    '/': () => searchInput.current?.focus(),
    n: create,
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  });
  const needing = segments.filter(({ attention }) => attention.length > 0).length;

  function onKeyDown(event: KeyboardEvent, { id }: Row) {
    if (event.target !== event.currentTarget || event.key !== 'Enter') return;
    event.preventDefault();
    const href = `/${slug}/segments/${id}`;
    noteLeaving(href);
    open(href);
  }

  const heading = (label: string, key: Sort, shownOn = '') => (
    <th
      scope="col"
      aria-sort={sort === key ? (descending ? 'descending' : 'ascending') : 'none'}
      className={`${tableClass.head} ${shownOn} max-sm:whitespace-normal`}
    >
      <button
        type="button"
        className="hover:text-ink inline-flex items-center gap-1 [text-align:inherit]"
        onClick={() => {
          setDescending(sort === key ? !descending : key !== 'name');
          void setSort(key);
        }}
      >
        {label}
        {sort === key &&
          (descending ? <ArrowDown aria-hidden className="size-3.5" /> : <ArrowUp aria-hidden className="size-3.5" />)}
      </button>
    </th>
  );

  return (
    <>
      <PageHeader
        title="Segments"
        actions={
          <>
            <ButtonLink href={`/${slug}/segments/overlap`}>Tag overlap</ButtonLink>
            <ButtonLink variant="primary" href={`/${slug}/segments/new`}>
              <Plus aria-hidden className="size-4" /> New segment
            </ButtonLink>
          </>
        }
      >
        Groups of profiles that match your rules, always up to date.
        {needing > 0 && ` ${needing} ${needing === 1 ? 'needs' : 'need'} attention.`}
      </PageHeader>
      {segments.length > 0 && (
        <div className="mb-3">
          <SearchField
            label="Search segments"
            placeholder="Search names and descriptions"
            value={search}
            onChange={(value) => void setSearch(value || null)}
            inputRef={searchInput}
            onLeave={(to) => focusRow(to === 'first' ? 0 : active)}
          />
        </div>
      )}
      <div className={`${cardClass} relative overflow-x-auto`}>
        {shown.length === 0 ? (
          <NoSegments slug={slug} searching={segments.length > 0} />
        ) : (
          <table className={tableClass.table}>
            <thead>
              <tr>
                {heading('Name', 'name')}
                {heading('Profiles now', 'size', 'text-right')}
                <th scope="col" className={`${tableClass.head} hidden md:table-cell`}>
                  30 days
                </th>
                <th scope="col" className={`${tableClass.head} hidden lg:table-cell`}>
                  Used in
                </th>
                {heading('Last changed', 'changed', 'hidden sm:table-cell')}
              </tr>
            </thead>
            <tbody ref={body}>
              {shown.map((segment, index) => (
                <tr
                  key={segment.id}
                  tabIndex={index === active ? 0 : -1}
                  onFocus={() => setActive(index)}
                  onKeyDown={(event) => onKeyDown(event, segment)}
                  className={`${tableClass.row} -outline-offset-2!`}
                >
                  <Cells slug={slug} segment={segment} />
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {sort === 'size' && (
        <p className="text-muted mt-2 text-[13px]">
          Sorted by the sizes recorded last night, or when the rules last changed.
        </p>
      )}
      <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
        <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> open
      </p>
    </>
  );
}

function Cells({ slug, segment }: { slug: string; segment: Row }) {
  const { id, name, description, attention, sizes, usedIn, changedAt, changedBy } = segment;
  const [oldest, newest] = [sizes[0], sizes.at(-1)];
  return (
    <>
      <td className={tableClass.cell}>
        <span className="flex flex-wrap items-center gap-2">
          <Link href={`/${slug}/segments/${id}`} className="font-medium wrap-anywhere hover:underline">
            {name}
          </Link>
          <AttentionBadge reasons={attention} />
        </span>
        {description && (
          <span className="text-muted block max-w-prose text-[13px] max-sm:line-clamp-2 sm:truncate">
            {description}
          </span>
        )}
      </td>
      <td className={`${tableClass.cell} text-right tabular-nums`}>
        {attention.length > 0 ? (
          <span className="text-muted">–</span>
        ) : (
          <SizeNow slug={slug} segmentId={id} recorded={newest?.profiles ?? null} />
        )}
      </td>
      <td className={`${tableClass.cell} hidden md:table-cell`}>
        {oldest && newest && sizes.length > 1 ? (
          <Sparkline levels={sizes.map(({ profiles }) => profiles)} change={newest.profiles - oldest.profiles} />
        ) : (
          <span className="text-muted text-xs">from tomorrow</span>
        )}
      </td>
      <td className={`${tableClass.cell} hidden lg:table-cell`}>
        <UsedIn slug={slug} name={name} usedIn={usedIn} />
      </td>
      <td className={`${tableClass.cell} hidden sm:table-cell`}>
        <DateTime value={changedAt} />
        {changedBy && <span className="text-muted block text-xs">{changedBy}</span>}
      </td>
    </>
  );
}

function NoSegments({ slug, searching }: { slug: string; searching: boolean }) {
  if (searching) return <EmptyState title="No matching segments">Check the spelling, or clear the search.</EmptyState>;
  return (
    <EmptyState
      title="No segments yet"
      action={
        <ButtonLink variant="primary" href={`/${slug}/segments/new`}>
          New segment
        </ButtonLink>
      }
    >
      A segment is a group of profiles that match your rules, always up to date. For example: everyone who has “VIP” or
      “Partner”, lives in Sweden, and has not opened anything for 90 days.
    </EmptyState>
  );
}

/** In the given order, by name, unless sorted differently. */
function arrange(segments: readonly Row[], search: string, sort: Sort, descending: boolean): Row[] {
  const wanted = nameKey(search);
  const found = segments.filter(({ name, description }) => nameKey(`${name} ${description}`).includes(wanted));
  const value = ({ sizes, changedAt }: Row) =>
    sort === 'size' ? (sizes.at(-1)?.profiles ?? -1) : new Date(changedAt).getTime();
  if (sort !== 'name') found.sort((left, right) => value(left) - value(right));
  return descending ? found.reverse() : found;
}
