'use client';
// The profiles page: search, filters, the table, and actions on the selection.
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { Suspense, use, useRef, useState, useTransition } from 'react';
import type { Deferred } from '@/app/deferred';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { SearchField } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Refreshing } from '@/components/ui/refreshing';
import { NewerOlder } from '@/components/ui/newer-older';
import type { Attribute } from '@/lib/attributes/schema';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { ProfilePage } from '@/lib/profiles/queries';
import { enteredKeyspaces, type Keyspace, type ProfileFilter, type Selection } from '@/lib/profiles/schema';
import type { LostPart } from '@/lib/segments/lost-parts';
import type { TagOption } from '@/lib/tags/schema';
import { BulkBar } from './bulk-bar';
import { FilterBar } from './filter-bar';
import { NewProfileDialog } from './new-profile-dialog';
import { ProfilesTable } from './profiles-table';
import { filterParsers, hasConditions, NO_FILTER, serializeFilter, withoutLost } from './search-params';

type Props = {
  section: { id: SectionId; slug: string };
  filter: ProfileFilter;
  page: ProfilePage;
  /** Why there is no page, as a message. */
  problem: string | null;
  /** The number of matching profiles: streams in after the page. */
  count: Deferred<number>;
  /** The key of this answer, so that React does not keep its page waiting for its count in place of an earlier one. */
  answer: string;
  /** What the filter refers to and is gone: nobody is shown then. */
  lost: readonly LostPart[];
  tags: TagOption[];
  attributes: Attribute[];
  keyspaces: Keyspace[];
  /** The filter's operation in words. */
  operation: string | null;
};

export function ProfilesView(props: Props) {
  const { section, filter, page, count, answer, lost, tags, attributes, keyspaces } = props;
  const router = useRouter();
  const [waiting, startTransition] = useTransition();
  const [params, setParams] = useQueryStates(filterParsers, { shallow: false, startTransition, throttleMs: 250 });
  const [selected, setSelected] = useState<ReadonlySet<ProfileId>>(new Set());
  /** The number of matching profiles when all of them were selected. */
  const [all, setAll] = useState<number | null>(null);
  const [creating, setCreating] = useState(false);
  const searchInput = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => searchInput.current?.focus(), n: () => setCreating(true) });

  const clearSelection = () => {
    setSelected(new Set());
    setAll(null);
  };
  const change = (next: { [Key in keyof typeof params]?: (typeof params)[Key] | null }) => {
    clearSelection();
    void setParams({ ...next, before: null, after: null });
  };
  const filtering = filter.search !== '' || hasConditions(filter);
  const selection: Selection | null =
    all !== null ? { kind: 'all', filter } : selected.size > 0 ? { kind: 'ids', ids: [...selected] } : null;
  const pageIsSelected = all === null && page.profiles.every(({ id }) => selected.has(id));

  return (
    <>
      <PageHeader
        title="Profiles"
        actions={
          <>
            <ButtonLink href={`/${section.slug}/imports/new`}>Import a file</ButtonLink>
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
      </PageHeader>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField
          label="Search profiles"
          placeholder="Name, email, mobile or CRM ID  ( / )"
          value={params.q}
          onChange={(q) => change({ q: q || null })}
          inputRef={searchInput}
        />
        <FilterBar
          slug={section.slug}
          tags={tags}
          attributes={attributes}
          operation={props.operation}
          params={params}
          onChange={change}
        />
        {lost.length === 0 && filter.changedBy === null && hasConditions(filter) && (
          <ButtonLink
            variant="quiet"
            href={serializeFilter(`/${section.slug}/segments/new`, { ...params, before: null, after: null })}
          >
            Save as a segment
          </ButtonLink>
        )}
      </div>
      {lost.length > 0 && (
        <div className="mb-3">
          <Banner tone="warning">
            <span className="flex flex-wrap items-center justify-between gap-2">
              <span>
                {lost.map(({ reason }) => reason).join(' ')} This filter uses {lost.length === 1 ? 'it' : 'them'}, so
                nobody is shown.
              </span>
              <Button size="small" onPress={() => change(withoutLost(params, lost))}>
                Remove from the filter and show the rest
              </Button>
            </span>
          </Banner>
        </div>
      )}
      <Refreshing when={waiting} className={`${cardClass} overflow-hidden`}>
        {props.problem !== null ? (
          <EmptyState title="The profiles cannot be shown">{props.problem}</EmptyState>
        ) : lost.length > 0 ? null : page.profiles.length === 0 ? (
          <NoProfiles
            filtering={filtering}
            slug={section.slug}
            onNew={() => setCreating(true)}
            onClear={() => change(NO_FILTER)}
          />
        ) : (
          <ProfilesTable
            slug={section.slug}
            profiles={page.profiles}
            keyspaces={keyspaces}
            selected={all !== null ? new Set(page.profiles.map(({ id }) => id)) : selected}
            onSelect={(next) => {
              setAll(null);
              setSelected(next);
            }}
          />
        )}
      </Refreshing>
      <NewerOlder newer={page.newer} older={page.older} className="mt-3" onGo={(next) => void setParams(next)} />
      {selection && (
        <BulkBar
          section={section}
          selection={selection}
          size={all ?? selected.size}
          matching={pageIsSelected ? { answer, count } : null}
          onSelectAll={setAll}
          onClear={clearSelection}
          onChanged={() => router.refresh()}
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

type NoProfilesProps = { filtering: boolean; slug: string; onNew: () => void; onClear: () => void };

function NoProfiles({ filtering, slug, onNew, onClear }: NoProfilesProps) {
  if (filtering) {
    return (
      <EmptyState title="No matching profiles" action={<Button onPress={onClear}>Clear search and filters</Button>}>
        The search finds names, email addresses, mobile numbers and CRM IDs that start with what you type.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No profiles yet"
      action={
        <>
          <ButtonLink href={`/${slug}/imports/new`} variant="primary">
            Import a file
          </ButtonLink>
          <Button onPress={onNew}>New profile</Button>
        </>
      }
    >
      Import people from a CSV or Excel file, or add one by hand.
    </EmptyState>
  );
}
