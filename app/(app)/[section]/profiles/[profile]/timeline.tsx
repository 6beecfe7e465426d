'use client';
// Everything that happened to the profile, newest first, with who and from where.
import { useInfiniteQuery } from '@tanstack/react-query';
import { CirclePlus, PencilLine, Tag, TagsIcon, Zap } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { getJson } from '@/components/ui/json';
import type { Attribute } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { ProfileId } from '@/lib/db/ids';
import type { Keyspace, TimelineItem } from '@/lib/profiles/schema';
import { sourceInWords } from '@/lib/tags/source';

type Page = { items: TimelineItem[]; next: string | null };
type Only = 'all' | 'tags' | 'data' | 'events';
type Props = { slug: string; profileId: ProfileId; first: Page; attributes: Attribute[]; keyspaces: Keyspace[] };

const ICONS = { applied: Tag, removed: TagsIcon, created: CirclePlus, changed: PencilLine, event: Zap };

export function Timeline({ slug, profileId, first, attributes, keyspaces }: Props) {
  const [only, setOnly] = useState<Only>('all');
  const pages = useInfiniteQuery({
    queryKey: ['timeline', slug, profileId, only],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ ...(pageParam && { before: pageParam }), ...(only !== 'all' && { only }) });
      return getJson<Page>(`/data/${slug}/profiles/${profileId}/timeline?${query}`);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    ...(only === 'all' && { initialData: { pages: [first], pageParams: [''] } }),
    staleTime: 0,
  });
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const nameOf = (code: string) =>
    consentName(code) ??
    attributes.find((attribute) => attribute.code === code)?.name ??
    keyspaces.find(({ id }) => `key:${id}` === code)?.name ??
    'A hidden attribute';

  return (
    <section className={`${cardClass} p-4`} aria-labelledby="timeline">
      <div className="mb-3 flex items-center justify-between gap-2">
        <h2 id="timeline" className="font-semibold">
          Timeline
        </h2>
        <Select
          label="Show"
          hideLabel
          value={only}
          onChange={setOnly}
          options={[
            { value: 'all', label: 'Everything' },
            { value: 'tags', label: 'Tags' },
            { value: 'data', label: 'Profile data' },
            { value: 'events', label: 'Events' },
          ]}
        />
      </div>
      <ol className="flex flex-col">
        {items.map((item) => (
          <TimelineEntry key={item.cursor} item={item} nameOf={nameOf} />
        ))}
      </ol>
      {items.length === 0 && pages.isSuccess && <p className="text-muted">Nothing has happened yet.</p>}
      {pages.hasNextPage && (
        <div className="pt-3">
          <Button size="small" isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
            Load older
          </Button>
        </div>
      )}
    </section>
  );
}

/** 'consent:Newsletter, email' is how a profile's history names a consent. */
function consentName(code: string): string | undefined {
  return code.startsWith('consent:') ? `Consent to ${code.slice('consent:'.length)}` : undefined;
}

function TimelineEntry({ item, nameOf }: { item: TimelineItem; nameOf: (code: string) => string }) {
  const Icon = ICONS[item.kind];
  return (
    <li className="border-line flex gap-3 border-b py-2 last:border-b-0">
      <Icon
        aria-hidden
        className={`mt-0.5 size-4 shrink-0 ${item.kind === 'removed' && !item.undone ? 'text-danger' : 'text-accent'}`}
      />
      <div className="min-w-0 flex-1">
        <p>{headline(item)}</p>
        {item.kind === 'changed' && <Changes item={item} nameOf={nameOf} />}
        {item.event && <EventData event={item.event} data={item.after} />}
        <p className="text-muted text-[13px]">
          {sourceInWords(item)}
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

function headline(item: TimelineItem) {
  if (item.kind === 'created') return 'Profile created';
  if (item.kind === 'changed') return 'Profile changed';
  if (item.event) return <strong className="font-medium">{item.event.name}</strong>;
  return (
    <>
      <strong className="font-medium">{item.tag?.name}</strong> {item.kind}
      {item.undone && ', and undone'}
    </>
  );
}

function EventData({ event, data }: { event: NonNullable<TimelineItem['event']>; data: TimelineItem['after'] }) {
  const given = event.fields.filter(({ code }) => data[code] !== undefined && data[code] !== null);
  return (
    <ul className="text-[13px]">
      {given.map(({ code, name }) => (
        <li key={code} className="break-words">
          {name}: {formatAttributeValue(data[code])}
        </li>
      ))}
    </ul>
  );
}

function Changes({ item, nameOf }: { item: TimelineItem; nameOf: (code: string) => string }) {
  return (
    <ul className="text-[13px]">
      {Object.entries(item.after).map(([code, value]) => (
        <li key={code} className="break-words">
          {nameOf(code)}: <del className="text-muted">{formatAttributeValue(item.before[code]) || 'empty'}</del> →{' '}
          {formatAttributeValue(value) || 'empty'}
        </li>
      ))}
    </ul>
  );
}
