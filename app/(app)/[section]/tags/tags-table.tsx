'use client';
// The tags of a section, for everyone; Admins govern them with the same table in Settings. Thousands of rows, searched and sorted in
// the browser, with keyboard navigation.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { prepareSearch } from '@/components/tags/find-tags';
import { Button } from '@/components/ui/button';
import { isFocusLost } from '@/components/shell/focus-keeper';
import { Banner, cardClass, EmptyState, Kbd, PageHeader } from '@/components/ui/display';
import { SearchField, Select, type LeaveTo } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { getJson } from '@/components/ui/json';
import { useWhenOnline } from '@/components/ui/when-online';
import type { OperationId, TagId } from '@/lib/db/ids';
import { arrange, groupsOf, SHOWS, SORTS, type Show, type Sort, type TagInUse } from './arrange';
import { NewTagDialog } from './new-tag-dialog';
import { NoTags } from './no-tags';
import type { Rights } from './tag-columns';
import type { OpenDialog, SectionRef } from './open-dialog';
import { TagDialogs } from './tag-dialogs';
import { TagRows, type TagRowsHandle } from './tag-rows';
import { useFavourites } from './use-favourites';

type Props = {
  section: SectionRef;
  /** The first tags, which come with the page. */
  first: TagInUse[];
  /** The total number. */
  total: number;
  /** `govern`: edit, merge and hide, and the hidden tags. */
  rights: Rights;
  /** More buttons in the header. */
  actions?: ReactNode;
};

const SHOW_OPTIONS: { value: Show; label: string }[] = [
  { value: 'visible', label: 'All tags' },
  { value: 'favourites', label: 'Favourites' },
  { value: 'managed', label: 'Managed by an integration' },
  { value: 'unkept', label: 'No longer kept by their list' },
  { value: 'unused', label: 'Unused' },
  { value: 'hidden', label: 'Hidden' },
];

const ALL_GROUPS = 'all';

export function TagsTable({ section, first, total, rights, actions }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const whenOnline = useWhenOnline();
  const [search, setSearch] = useQueryState('q', { defaultValue: '' });
  /** What the rows are for: they follow when there is time, so that a key is painted at once. */
  const searched = useDeferredValue(search);
  const isBehind = searched !== search;
  const [show, setShow] = useQueryState(
    'show',
    parseAsStringLiteral(SHOWS).withDefault('visible').withOptions({ shallow: false }),
  );
  const [group, setGroup] = useQueryState('group', parseAsString);
  const [sort, setSort] = useQueryState('sort', parseAsStringLiteral(SORTS).withDefault('name'));
  const [descending, setDescending] = useState(false);
  const hidden = show === 'hidden';
  const all = useQuery({
    queryKey: ['tags-table', section.slug, hidden],
    queryFn: async () => {
      const rows = await getJson<TagInUse[]>(`/data/${section.slug}/tags/table${hidden ? '?show=hidden' : ''}`);
      prepareSearch(rows);
      return rows;
    },
    enabled: total > first.length,
  });
  const tags = total > first.length ? (all.data ?? first) : first;
  const favourites = useFavourites(section);
  const [dialog, setDialog] = useState<OpenDialog | { kind: 'new' } | null>(null);
  const [merge, setMerge] = useState<OperationId | null>(null);
  const [created, setCreated] = useState<TagId | null>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => searchInput.current?.focus(), n: () => setDialog({ kind: 'new' }) });

  const rows = useRef<TagRowsHandle>(null);
  /** The search leads to its results once they are there. */
  const goesIntoRows = useRef(false);
  const leaveSearch = (to: LeaveTo) => {
    if (to === 'last used') rows.current?.focusCurrent();
    else if (isBehind) goesIntoRows.current = true;
    else rows.current?.focusFirst();
  };
  useEffect(() => {
    if (isBehind || !goesIntoRows.current) return;
    goesIntoRows.current = false;
    rows.current?.focusFirst();
  }, [isBehind]);

  /** A row that was hidden takes the focus with it, once the list has been read again. */
  const mayLoseFocus = useRef(false);
  const groups = useMemo(() => groupsOf(tags), [tags]);
  const items = useMemo(
    () => arrange(tags, { search: searched, show, group, sort, descending }),
    [tags, searched, show, group, sort, descending],
  );
  useEffect(() => {
    if (!mayLoseFocus.current || !isFocusLost()) return;
    mayLoseFocus.current = false;
    if (rows.current) rows.current.focusCurrent();
    else searchInput.current?.focus();
  }, [items]);
  const shown = items.reduce((sum, { kind }) => sum + (kind === 'tag' ? 1 : 0), 0);
  const isFiltered = searched.trim() !== '' || group !== null || (show !== 'visible' && !hidden);
  const partial = total > first.length && !all.data;
  const partialWillDo = !isFiltered && sort === 'name' && !descending;
  const refresh = () => {
    router.refresh();
    void client.invalidateQueries({ queryKey: ['tags-table', section.slug] });
    void client.invalidateQueries({ queryKey: ['tags', section.slug] });
  };
  const sortBy = useCallback(
    (next: Sort) => {
      setDescending(next === sort ? !descending : next !== 'name');
      void setSort(next);
    },
    [sort, descending, setSort],
  );
  const showCreated = (id: TagId) => {
    setDialog(null);
    // Nothing may keep the new tag out of sight.
    void setSearch(null);
    void setGroup(null);
    if (show !== 'visible' && show !== 'unused') void setShow(null);
    setCreated(id);
    refresh();
  };

  return (
    <>
      <PageHeader
        title="Tags"
        actions={
          <>
            {actions}
            <Button variant="primary" onPress={() => setDialog({ kind: 'new' })}>
              <Plus aria-hidden className="size-4" /> Add New Tag
            </Button>
          </>
        }
      >
        {(partial && partialWillDo ? total : shown).toLocaleString('en-GB')} of {total.toLocaleString('en-GB')}{' '}
        {hidden ? 'hidden tags' : total === 1 ? 'tag' : 'tags'}
      </PageHeader>
      {hidden && (
        <div className="mb-3">
          <Banner>
            Hiding is for good: hidden tags and their history are kept, but never shown or usable again. To use one
            again, create a new tag and apply it.
          </Banner>
        </div>
      )}
      <div className="mb-3 flex flex-wrap items-end gap-2">
        <SearchField
          label="Search tags"
          placeholder="Search names and descriptions"
          value={search}
          onChange={(value) => void setSearch(value || null)}
          inputRef={searchInput}
          onLeave={leaveSearch}
        />
        <Select
          label="Show"
          hideLabel
          value={show}
          onChange={(value) => whenOnline(() => void setShow(value))}
          options={SHOW_OPTIONS.filter(({ value }) => rights === 'govern' || value !== 'hidden')}
        />
        {(groups.length > 1 || group !== null) && (
          <div className="max-w-56">
            <Select
              label="Group"
              hideLabel
              value={group ?? ALL_GROUPS}
              onChange={(value) => void setGroup(value === ALL_GROUPS ? null : value)}
              options={[
                { value: ALL_GROUPS, label: 'All groups' },
                ...groups.map(({ key, text, count }) => ({
                  value: key,
                  label: text,
                  hint: `${count.toLocaleString('en-GB')} ${count === 1 ? 'tag' : 'tags'}`,
                })),
              ]}
            />
          </div>
        )}
      </div>
      {merge !== null && (
        <div className="mb-3">
          <OperationProgress key={merge} slug={section.slug} operationId={merge} onEnd={refresh} />
        </div>
      )}
      <div className={clsx(cardClass, '@container overflow-clip')} aria-busy={isBehind}>
        {partial && all.isError ? (
          <EmptyState
            title="The tags could not be loaded"
            action={<Button onPress={() => void all.refetch()}>Try again</Button>}
          >
            {all.error.message}
          </EmptyState>
        ) : partial && !partialWillDo ? (
          <EmptyState title={`Loading ${total.toLocaleString('en-GB')} tags…`} />
        ) : shown === 0 ? (
          <NoTags
            slug={section.slug}
            show={show}
            search={searched}
            inGroup={group !== null}
            onNew={() => setDialog({ kind: 'new' })}
          />
        ) : (
          <TagRows
            section={section}
            items={items}
            rights={rights}
            sort={sort}
            descending={descending}
            isSearched={searched.trim() !== ''}
            created={created}
            favourites={favourites}
            onSort={sortBy}
            onOpen={setDialog}
            ref={rows}
          />
        )}
      </div>
      <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
        <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd>{' '}
        {rights === 'govern' ? 'edit' : 'open'} · {rights === 'govern' ? <Kbd>h</Kbd> : <Kbd>f</Kbd>}{' '}
        {rights === 'govern' ? 'hide' : 'favourite'}
      </p>
      {dialog?.kind === 'new' && (
        <NewTagDialog section={section} onClose={() => setDialog(null)} onCreated={showCreated} />
      )}
      {dialog && dialog.kind !== 'new' && (
        <TagDialogs
          section={section}
          dialog={dialog}
          onDialog={setDialog}
          onDone={() => {
            mayLoseFocus.current = true;
            refresh();
          }}
          onMergeStarted={setMerge}
        />
      )}
    </>
  );
}
