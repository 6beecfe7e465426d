'use client';
// The profiles page: search, filters, the table, and actions on the selection.
import { Download, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { Suspense, use, useEffect, useRef, useState, useTransition } from 'react';
import type { Deferred } from '@/app/deferred';
import { Button, ButtonLink } from '@/components/ui/button';
import { cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import type { LeaveTo } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Link } from '@/components/ui/link';
import { Refreshing } from '@/components/ui/refreshing';
import { useWhenOnline } from '@/components/ui/when-online';
import type { Attribute } from '@/lib/attributes/schema';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { ListPage } from '@/lib/profiles/queries';
import {
  enteredKeyspaces,
  type Keyspace,
  type ProfileFilter,
  type ProfileRow,
  type Selection,
} from '@/lib/profiles/schema';
import type { SavedView } from '@/lib/profiles/saved-view';
import type { LostPart } from '@/lib/segments/lost-parts';
import type { TagLabel } from '@/lib/tags/schema';
import { BulkBar } from './bulk-bar';
import { BulkTagDialog } from './bulk-tag-dialog';
import { FilterButtons, FilterChips } from './filter-bar';
import { NewProfileDialog } from './new-profile-dialog';
import { ProfilesTable, type TableHandle } from './profiles-table';
import { chosenColumns, columnsOf } from './columns';
import { DisplayButton, type Display } from './display-button';
import { ListExportDialog } from './list-export-dialog';
import { FIRST_PAGE, listParsers } from './list-params';
import { LostFromFilter, NotShown } from './gone-parts';
import { NoProfiles } from './no-profiles';
import { Pager } from './pager';
import { ProfileSearch } from './profile-search';
import { ViewsButton } from './views-button';
import { filterOf, hasConditions, NO_FILTER, serializeFilter } from './search-params';

type Props = {
  section: { id: SectionId; slug: string };
  filter: ProfileFilter;
  page: ListPage;
  /** Why there is no page, as a message. */
  problem: string | null;
  /** The number of matching profiles: streams in after the page. */
  count: Deferred<number>;
  /** The key of this answer, so that React does not keep its page waiting for its count in place of an earlier one. */
  answer: string;
  /** What the filter refers to and is gone: nobody is shown then. */
  lost: readonly LostPart[];
  /** The tags of the filter. */
  tags: TagLabel[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  /** The codes of attributes by which the list can be sorted. */
  sortable: readonly string[];
  /** Sentences about columns and an order that are gone; and what is left of them. */
  notShown: readonly string[];
  shownParts: Partial<Display>;
  views: readonly SavedView[];
  /** Admins may delete views that others share. */
  canGovern: boolean;
  /** The filter's operation in words. */
  operation: string | null;
};

export function ProfilesView(props: Props) {
  const { section, filter, page, count, answer, lost, tags, attributes, keyspaces } = props;
  const router = useRouter();
  const whenOnline = useWhenOnline();
  const [waiting, startTransition] = useTransition();
  const [params, setParams] = useQueryStates(listParsers, { shallow: false, startTransition, throttleMs: 250 });
  const table = useRef<TableHandle>(null);
  const [selected, setSelected] = useState<ReadonlySet<ProfileId>>(new Set());
  /** The number of matching profiles when all of them were selected. */
  const [all, setAll] = useState<number | null>(null);
  const [creating, setCreating] = useState(false);
  const [exporting, setExporting] = useState<Selection | null>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  /** Whose tags are changed without being selected. */
  const [tagging, setTagging] = useState<ProfileRow | null>(null);

  const clearSelection = () => {
    setSelected(new Set());
    setAll(null);
  };
  const change = (next: { [Key in keyof typeof params]?: (typeof params)[Key] | null }) =>
    whenOnline(() => {
      clearSelection();
      void setParams({ ...next, ...FIRST_PAGE }, { history: 'q' in next ? 'replace' : 'push' });
    });
  const filtering = filter.search !== '' || hasConditions(filter);
  const selection: Selection | null =
    all !== null ? { kind: 'all', filter } : selected.size > 0 ? { kind: 'ids', ids: [...selected] } : null;
  const columns = columnsOf({ keyspaces, attributes, sortable: props.sortable });
  // After the next render: by then a dialog that closes, or the bar of a selection, no longer holds the focus.
  const [refocused, setRefocused] = useState(0);
  const focusTable = () => setRefocused((times) => times + 1);
  useEffect(() => {
    if (refocused > 0) table.current?.focus();
  }, [refocused]);
  /** Where the search leads, once the rows are those of its text. */
  const [going, setGoing] = useState<LeaveTo | null>(null);
  const answersSearch = filter.search === filterOf(params).search;
  useEffect(() => {
    if (going === null || !answersSearch) return;
    setGoing(null);
    if (going === 'first') table.current?.focusFirst();
    else table.current?.focus();
  }, [going, answersSearch]);
  useHotkeys({
    '/': () => searchInput.current?.focus(),
    n: () => setCreating(true),
    ...(selection === null && { t: tagCurrent }),
  });

  /** Tags of the row that has the focus, without selecting it. If none has it, the list gets it first. */
  function tagCurrent() {
    const row = table.current?.focused();
    if (row) setTagging(row);
    else table.current?.focus();
  }
  const pageIsSelected = all === null && page.profiles.every(({ id }) => selected.has(id));

  return (
    <>
      <PageHeader
        title="Profiles"
        actions={
          <>
            <ButtonLink href={`/${section.slug}/imports/new`}>Import a file</ButtonLink>
            {page.profiles.length > 0 && (
              <Button onPress={() => setExporting({ kind: 'all', filter })}>
                <Download aria-hidden className="size-4" /> Export…
              </Button>
            )}
            <Button variant="primary" onPress={() => setCreating(true)}>
              <Plus aria-hidden className="size-4" /> New profile
            </Button>
          </>
        }
      >
        <span aria-live="polite" aria-busy={waiting}>
          <Suspense key={answer} fallback="Counting…">
            <Count count={count} filtering={filtering} />
          </Suspense>
        </span>
        {' · '}
        <Link href={`/${section.slug}/profiles/duplicates`} className="underline">
          Possible duplicates
        </Link>
      </PageHeader>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <ViewsButton
          section={section}
          views={props.views}
          viewId={params.view}
          state={{ filter: filterOf(params), sort: params.sort, columns: params.cols, compact: params.compact }}
          canGovern={props.canGovern}
          onOpened={(view) => void setParams({ view })}
        />
        <ProfileSearch
          value={params.q}
          onSearch={(q) => change({ q: q || null })}
          inputRef={searchInput}
          onLeave={setGoing}
        />
        <FilterButtons slug={section.slug} attributes={attributes} params={params} onChange={change} />
        <DisplayButton columns={columns} display={params} onChange={change} />
      </div>
      <div className="mb-3 flex flex-wrap items-center gap-2 empty:hidden">
        <FilterChips
          slug={section.slug}
          tags={tags}
          attributes={attributes}
          operation={props.operation}
          params={params}
          onChange={change}
        />
        {lost.length === 0 && filter.changedBy === null && hasConditions(filter) && (
          <ButtonLink variant="quiet" href={serializeFilter(`/${section.slug}/segments/new`, params)}>
            Save as a segment
          </ButtonLink>
        )}
      </div>
      <LostFromFilter lost={lost} params={params} onChange={change} />
      <NotShown sentences={props.notShown} onLeaveOut={() => change(props.shownParts)} />
      <Refreshing when={waiting} className={`${cardClass} overflow-hidden`}>
        {props.problem !== null ? (
          <EmptyState title="The profiles cannot be shown">{props.problem}</EmptyState>
        ) : lost.length > 0 ? null : page.profiles.length === 0 ? (
          <NoProfiles
            filter={filter}
            attributes={attributes}
            slug={section.slug}
            onNew={() => setCreating(true)}
            onClear={() => change(NO_FILTER)}
            onConditions={(where) => change({ where })}
          />
        ) : (
          <ProfilesTable
            slug={section.slug}
            ref={table}
            profiles={page.profiles}
            columns={chosenColumns(columns, params.cols)}
            usual={params.cols === null}
            compact={params.compact}
            sort={params.sort}
            onSort={(sort) => change({ sort })}
            selected={all !== null ? new Set(page.profiles.map(({ id }) => id)) : selected}
            onSelect={(next) => {
              setAll(null);
              setSelected(next);
            }}
          />
        )}
      </Refreshing>
      <Pager
        from={params.from}
        shown={page.profiles.length}
        newer={page.newer}
        older={page.older}
        count={count}
        answer={answer}
        waiting={waiting}
        onGo={(start) => whenOnline(() => void setParams(start, { history: 'push', scroll: true }))}
      />
      {selection && (
        <BulkBar
          section={section}
          selection={selection}
          size={all ?? selected.size}
          matching={pageIsSelected ? { answer, count } : null}
          onSelectAll={setAll}
          list={{ attributes, onExport: () => setExporting(selection) }}
          person={
            all === null && selected.size === 1 ? page.profiles.find(({ id }) => selected.has(id))?.name : undefined
          }
          onClosed={focusTable}
          onClear={() => {
            clearSelection();
            focusTable();
          }}
          onChanged={() => router.refresh()}
        />
      )}
      {tagging && (
        <BulkTagDialog
          section={section}
          selection={{ kind: 'ids', ids: [tagging.id] }}
          size={1}
          person={tagging.name}
          onChanged={() => router.refresh()}
          onClose={() => {
            setTagging(null);
            focusTable();
          }}
        />
      )}
      {exporting && (
        <ListExportDialog
          slug={section.slug}
          selection={exporting}
          count={count}
          name={exporting.kind === 'all' ? (props.views.find(({ id }) => id === params.view)?.name ?? null) : null}
          sort={params.sort}
          columns={columns}
          shown={chosenColumns(columns, params.cols)}
          onClose={() => setExporting(null)}
        />
      )}
      {creating && (
        <NewProfileDialog
          section={section}
          keyspaces={enteredKeyspaces(keyspaces)}
          attributes={attributes}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

function Count({ count, filtering }: { count: Deferred<number>; filtering: boolean }) {
  const counted = use(count);
  if (!counted.ok) return <span className="text-danger">{counted.message}</span>;
  const profiles = counted.value;
  return `${profiles.toLocaleString('en-GB')} ${profiles === 1 ? 'profile' : 'profiles'}${filtering ? ' match' : ''}`;
}
