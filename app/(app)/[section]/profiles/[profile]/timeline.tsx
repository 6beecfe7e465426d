'use client';
// The profile's timeline, newest first, with actors and sources.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import {
  CirclePlus,
  ClipboardList,
  Handshake,
  Mail,
  Merge,
  PencilLine,
  StickyNote,
  Tag,
  TagsIcon,
  Workflow,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import { Fragment, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { getJson } from '@/components/ui/json';
import { Link } from '@/components/ui/link';
import { ReadFailed } from '@/components/ui/read-failed';
import { Refreshing } from '@/components/ui/refreshing';
import type { ProfileId } from '@/lib/db/ids';
import type { TimelineIcon, TimelineItem } from '@/lib/followers/timeline';
import { beforeValue } from '@/lib/text/before-value';
import { alike, type TimelineGroup } from './alike';

/** The first page, and the streams to filter by. */
export type TimelineStart = {
  first: { items: TimelineItem[]; next: string | null };
  menu: readonly { value: string; label: string }[];
};
type Props = TimelineStart & { slug: string; profileId: ProfileId };

const ICONS: Record<TimelineIcon, LucideIcon> = {
  tag: Tag,
  'tag-off': TagsIcon,
  created: CirclePlus,
  changed: PencilLine,
  merged: Merge,
  event: Zap,
  note: StickyNote,
  consent: Handshake,
  message: Mail,
  form: ClipboardList,
  flow: Workflow,
};

/** Loading the last lines takes the button away that had the focus: it goes to the first of them. */
async function loadOlder(list: HTMLOListElement | null, load: () => Promise<{ hasNextPage: boolean }>): Promise<void> {
  const before = list?.childElementCount ?? 0;
  const { hasNextPage } = await load();
  if (!hasNextPage) (list?.children[before] as HTMLElement | undefined)?.focus();
}

export function Timeline({ slug, profileId, first, menu }: Props) {
  const [only, setOnly] = useState('all');
  const pages = useInfiniteQuery({
    queryKey: ['timeline', slug, profileId, only],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ ...(pageParam && { before: pageParam }), ...(only !== 'all' && { only }) });
      return getJson<TimelineStart['first']>(`/data/${slug}/profiles/${profileId}/timeline?${query}`);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    ...(only === 'all' && { initialData: { pages: [first], pageParams: [''] } }),
    staleTime: 0,
    // Another filter keeps the lines until its own have come, so that nothing jumps.
    placeholderData: keepPreviousData,
  });
  const list = useRef<HTMLOListElement>(null);
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <section className={`${cardClass} min-w-0 p-4`} aria-labelledby="timeline">
      <div className="mb-3 flex items-center justify-between gap-2">
        <h2 id="timeline" className="font-semibold">
          Timeline
        </h2>
        <Select
          label="Show"
          hideLabel
          value={only}
          onChange={setOnly}
          options={[{ value: 'all', label: 'Everything' }, ...menu]}
        />
      </div>
      {pages.error && (
        <ReadFailed onRetry={() => void pages.refetch()} retrying={pages.isFetching}>
          {`The timeline could not be loaded. ${pages.error.message}`}
        </ReadFailed>
      )}
      <Refreshing when={pages.isPlaceholderData}>
        <ol ref={list} className="flex flex-col">
          {alike(items).map((item) => (
            <TimelineLine key={item.cursor} slug={slug} item={item} />
          ))}
        </ol>
      </Refreshing>
      {items.length === 0 && pages.isSuccess && <p className="text-muted">Nothing on the timeline yet.</p>}
      {pages.hasNextPage && (
        <div className="pt-3">
          <Button
            size="small"
            isPending={pages.isFetchingNextPage}
            onPress={() => void loadOlder(list.current, pages.fetchNextPage)}
          >
            Load older
          </Button>
        </div>
      )}
    </section>
  );
}

/** Of more subjects in one line, the others are folded. */
const NAMED = 6;

function Names({ names }: { names: readonly string[] }) {
  return names.map((name, index) => (
    <Fragment key={index}>
      {index > 0 && ', '}
      <strong className="font-medium">
        <bdi>{name}</bdi>
      </strong>
    </Fragment>
  ));
}

function TimelineLine({ slug, item }: { slug: string; item: TimelineGroup }) {
  const Icon = ICONS[item.icon];
  const hidden = item.abouts.slice(NAMED);
  return (
    <li tabIndex={-1} className="border-line flex gap-3 outline-none border-b py-2 last:border-b-0">
      <Icon
        aria-hidden
        className={`mt-0.5 size-4 shrink-0 ${item.icon === 'tag-off' && !item.undone ? 'text-danger' : 'text-accent'}`}
      />
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          {item.path === undefined ? (
            <Names names={item.abouts.slice(0, NAMED)} />
          ) : (
            <Link href={`/${slug}/${item.path}`} className="underline">
              <Names names={item.abouts} />
            </Link>
          )}
          {hidden.length > 0 && ` and ${hidden.length} more`} {item.what}
          {item.undone && ', and undone'}
        </p>
        {hidden.length > 0 && (
          <details className="text-[13px]">
            <summary className="text-muted cursor-pointer">Show all {item.abouts.length}</summary>
            <Names names={hidden} />
          </details>
        )}
        {item.details.length > 0 && (
          <ul className="text-[13px]">
            {item.details.map(({ name, before, after }, index) => (
              <li key={index} className="wrap-anywhere whitespace-pre-wrap">
                {beforeValue(name)}
                {before === undefined ? (
                  <bdi>{after}</bdi>
                ) : (
                  <>
                    <del className="text-muted">
                      <bdi>{before || 'empty'}</bdi>
                    </del>{' '}
                    → <bdi>{after || 'empty'}</bdi>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        <p className="text-muted text-[13px] wrap-anywhere">
          {item.from}
          {item.undone && (
            <>
              {' '}
              · undone{item.undone.by && ` by ${item.undone.by}`} <DateTime value={item.undone.at} />
            </>
          )}
        </p>
      </div>
      <span className="text-muted shrink-0 text-[13px]">
        <DateTime value={item.at} />
      </span>
    </li>
  );
}
