'use client';
// The tags of a section: thousands of rows, searched and sorted in the browser, with keyboard navigation.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { Button } from '@/components/ui/button';
import { Banner, cardClass, EmptyState, Kbd, PageHeader } from '@/components/ui/display';
import { SearchField, Select } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { nameKey } from '@/lib/naming/names';
import { TagWhereabouts } from '@/components/tags/tag-whereabouts';
import { getJson } from '@/components/ui/json';
import type { OperationId } from '@/lib/db/ids';
import { EditTagDialog } from './edit-tag-dialog';
import { HideTagDialog } from './hide-tag-dialog';
import { MergeTagDialog } from './merge-tag-dialog';
import { NewTagDialog } from './new-tag-dialog';
import {
  SORTS,
  TagRows,
  type OpenDialog,
  type SectionRef,
  type Sort,
  type TagInUse,
  type TagRowsHandle,
} from './tag-rows';

const SHOWS = ['visible', 'unused', 'hidden'] as const;

type Props = {
  section: SectionRef;
  /** The first tags in the order of their names, which come with the page. */
  first: TagInUse[];
  /** The total number. */
  total: number;
};

export function TagsTable({ section, first, total }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const [search, setSearch] = useQueryState('q', { defaultValue: '' });
  const [show, setShow] = useQueryState(
    'show',
    parseAsStringLiteral(SHOWS).withDefault('visible').withOptions({ shallow: false }),
  );
  const [sort, setSort] = useQueryState('sort', parseAsStringLiteral(SORTS).withDefault('name'));
  const [descending, setDescending] = useState(false);
  const hidden = show === 'hidden';
  const all = useQuery({
    queryKey: ['tags-table', section.slug, hidden],
    queryFn: () => getJson<TagInUse[]>(`/data/${section.slug}/tags/table${hidden ? '?show=hidden' : ''}`),
    enabled: total > first.length,
  });
  const tags = total > first.length ? (all.data ?? first) : first;
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [merge, setMerge] = useState<OperationId | null>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => searchInput.current?.focus(), n: () => setDialog({ kind: 'new' }) });

  const rows = useRef<TagRowsHandle>(null);
  /** The down arrow moves from the search field to its results. */
  const intoRows = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' || !rows.current) return;
    event.preventDefault();
    event.stopPropagation();
    rows.current.focusFirst();
  };

  const searching = search.trim() !== '';
  const keys = useMemo(
    () => (searching ? tags.map((tag) => nameKey(`${tag.name} ${tag.description}`)) : []),
    [tags, searching],
  );
  const shown = useMemo(
    () => arrange(tags, keys, { search, show, sort, descending }),
    [tags, keys, search, show, sort, descending],
  );
  const partial = total > first.length && !all.data;
  const partialWillDo = !searching && show !== 'unused' && sort === 'name' && !descending;
  const close = () => setDialog(null);
  const refresh = () => {
    router.refresh();
    void client.invalidateQueries({ queryKey: ['tags-table', section.slug] });
  };
  const done = () => {
    close();
    refresh();
  };
  const sortBy = (next: Sort) => {
    setDescending(next === sort ? !descending : next !== 'name');
    void setSort(next);
  };

  return (
    <>
      <PageHeader
        title="Tags"
        actions={
          <Button variant="primary" onPress={() => setDialog({ kind: 'new' })}>
            <Plus aria-hidden className="size-4" /> Add New Tag
          </Button>
        }
      >
        {(partial && partialWillDo ? total : shown.length).toLocaleString('en-GB')} of {total.toLocaleString('en-GB')}{' '}
        {show === 'hidden' ? 'hidden tags' : 'tags'}
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
        <div className="contents" onKeyDownCapture={intoRows}>
          <SearchField
            label="Search tags"
            placeholder="Search tags  ( / )"
            value={search}
            onChange={(value) => void setSearch(value || null)}
            inputRef={searchInput}
          />
        </div>
        <Select
          label="Show"
          hideLabel
          value={show}
          onChange={(value) => void setShow(value)}
          options={[
            { value: 'visible', label: 'Visible' },
            { value: 'unused', label: 'Unused' },
            { value: 'hidden', label: 'Hidden' },
          ]}
        />
      </div>
      {merge !== null && (
        <div className="mb-3">
          <OperationProgress key={merge} slug={section.slug} operationId={merge} onEnd={refresh} />
        </div>
      )}
      <div className={clsx(cardClass, 'overflow-hidden')}>
        {partial && all.isError ? (
          <EmptyState
            title="The tags could not be loaded"
            action={<Button onPress={() => void all.refetch()}>Try again</Button>}
          >
            {all.error.message}
          </EmptyState>
        ) : partial && !partialWillDo ? (
          <EmptyState title={`Loading ${total.toLocaleString('en-GB')} tags…`} />
        ) : shown.length === 0 ? (
          <NoTags slug={section.slug} show={show} search={search} onNew={() => setDialog({ kind: 'new' })} />
        ) : (
          <TagRows
            section={section}
            tags={shown}
            sort={sort}
            descending={descending}
            onSort={sortBy}
            onOpen={setDialog}
            ref={rows}
          />
        )}
      </div>
      <p className="text-muted mt-2 hidden text-[13px] md:block">
        <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> edit · <Kbd>h</Kbd> hide
      </p>
      {dialog?.kind === 'new' && <NewTagDialog section={section} onClose={close} onDone={done} />}
      {dialog?.kind === 'edit' && (
        <EditTagDialog
          section={section}
          tag={dialog.tag}
          onClose={close}
          onDone={done}
          onMerge={(into) => setDialog({ kind: 'merge', tag: dialog.tag, into })}
        />
      )}
      {dialog?.kind === 'hide' && <HideTagDialog section={section} tag={dialog.tag} onClose={close} onDone={done} />}
      {dialog?.kind === 'merge' && (
        <MergeTagDialog
          section={section}
          tag={dialog.tag}
          into={dialog.into}
          tags={tags}
          onClose={close}
          onStarted={(operationId) => {
            close();
            setMerge(operationId);
          }}
        />
      )}
    </>
  );
}

type NoTagsProps = { slug: string; show: (typeof SHOWS)[number]; search: string; onNew: () => void };

function NoTags({ slug, show, search, onNew }: NoTagsProps) {
  if (search !== '') {
    return (
      <EmptyState title="No matching tags">
        Check the spelling, or that you are in the right section. <TagWhereabouts slug={slug} name={search} />
      </EmptyState>
    );
  }
  if (show === 'hidden') return <EmptyState title="No tag has been hidden" />;
  if (show === 'unused') return <EmptyState title="Every tag is on at least one profile" />;
  return (
    <EmptyState title="No tags yet" action={<Button onPress={onNew}>Add New Tag</Button>}>
      A tag is a label that a profile either has or does not have: “VIP”, “Trade Show Lead”, “Do not contact”.
    </EmptyState>
  );
}

/** `keys`: the searchable text of each tag; computed once, as folding thousands of names takes a while. */
function arrange(
  tags: readonly TagInUse[],
  keys: readonly string[],
  { search, show, sort, descending }: { search: string; show: string; sort: Sort; descending: boolean },
): TagInUse[] {
  const wanted = nameKey(search);
  const found = tags.filter(
    (tag, index) => (show !== 'unused' || tag.profiles === 0) && (wanted === '' || keys[index]!.includes(wanted)),
  );
  // They are already sorted by name.
  if (sort !== 'name') {
    const value = (tag: TagInUse) => (sort === 'profiles' ? tag.profiles : Date.parse(tag[sort] ?? '') || 0);
    found.sort((left, right) => value(left) - value(right));
  }
  return descending ? found.reverse() : found;
}
