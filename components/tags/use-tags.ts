'use client';
// The section's tags in the browser: what pickers offer, names for ids, and trends.
import { keepPreviousData, queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { answerOf } from '@/components/ui/answer-of';
import { getJson, postJson } from '@/components/ui/json';
import type { RefusalData, Result } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import { nameKey } from '@/lib/naming/names';
import type { TagColour } from '@/lib/tags/colour';
import type { TagWhereabouts } from '@/lib/tags/queries';
import type { TagChoices, TagLabel, TagOption, TagTrend } from '@/lib/tags/schema';

const STALE_MS = 30_000;
/** Longer text is no name, and an address has an end. */
const SEARCH_MAX = 200;

const firstQuery = (slug: string) =>
  queryOptions({
    queryKey: ['tags', slug, 'first'],
    queryFn: () => getJson<TagChoices>(`/data/${slug}/tags`),
    staleTime: STALE_MS,
  });

const searchQuery = (slug: string, text: string) =>
  queryOptions({
    queryKey: ['tags', slug, 'search', text],
    queryFn: ({ signal }) => getJson<TagOption[]>(`/data/${slug}/tags?${new URLSearchParams({ q: text })}`, signal),
    staleTime: STALE_MS,
  });

const searchText = (text: string) => text.trim().slice(0, SEARCH_MAX);

const isAll = ({ tags, total }: TagChoices) => tags.length === total;

/**
 * What a picker knows for a text. `tags`: all tags of a small section; otherwise the first ones, or what the server found for the text.
 * `isAnswer`: false while that is awaited: then they are the tags known so far, which may lack some that match. `total`: how many tags
 * the section has, once known.
 */
export function useTagChoices(slug: string, text: string) {
  const wanted = searchText(text);
  const first = useQuery(firstQuery(slug));
  // Before the first answer it is not known whether the section is small, so both are asked for: nobody waits twice.
  const searches = wanted !== '' && !(first.data && isAll(first.data));
  const search = useQuery({ ...searchQuery(slug, wanted), enabled: searches, placeholderData: keepPreviousData });
  const answer = searches && !search.isPlaceholderData ? search.data : undefined;
  const all = searches ? answer : first.data?.tags;
  const { isError, error, isFetching, refetch } = searches ? search : first;
  return {
    tags: all ?? unique([...(first.data?.tags ?? []), ...(searches ? (search.data ?? []) : [])]),
    isAnswer: all !== undefined,
    total: first.data?.total,
    isPending: all === undefined && !isError,
    isError,
    error,
    isFetching,
    refetch,
  };
}

/** Asks the server for what is being typed, before the page has even been rendered for it. */
export function useSearchAhead(slug: string) {
  const client = useQueryClient();
  return (text: string): void => {
    const wanted = searchText(text);
    const first = client.getQueryData(firstQuery(slug).queryKey);
    if (wanted !== '' && !(first && isAll(first))) void client.prefetchQuery(searchQuery(slug, wanted));
  };
}

const unique = (tags: readonly TagOption[]) => [...new Map(tags.map((tag) => [tag.id, tag])).values()];

/** Finds the tag with exactly this name, ignoring case, once the server has answered. */
export function useTagNamed(slug: string) {
  const client = useQueryClient();
  return async (name: string): Promise<TagOption | undefined> => {
    const tags = await client.ensureQueryData(searchQuery(slug, searchText(name)));
    return tags.find((tag) => nameKey(tag.name) === nameKey(name));
  };
}

const labelsKey = (slug: string, ids: readonly TagId[]) => ['tags', slug, 'labels', ids.join()];

/**
 * The visible ones of these tags by id. `isComplete`: those that are missing are hidden, or of another section. Until the server has
 * answered, what pickers have shown.
 */
export function useTagLabels(slug: string, ids: readonly TagId[]) {
  const client = useQueryClient();
  const wanted = [...new Set(ids)].sort((left, right) => left - right);
  const { data, isPlaceholderData } = useQuery({
    queryKey: labelsKey(slug, wanted),
    queryFn: () => getJson<TagLabel[]>(`/data/${slug}/tags/labels?ids=${wanted.join()}`),
    enabled: wanted.length > 0,
    staleTime: STALE_MS,
    placeholderData: () => knownLabels(client, slug, wanted),
  });
  return {
    labels: new Map(data?.map((tag) => [tag.id, tag])),
    isComplete: wanted.length === 0 || (data !== undefined && !isPlaceholderData),
  };
}

/** What any query about tags has brought. */
function knownLabels(client: QueryClient, slug: string, ids: readonly TagId[]): TagLabel[] {
  const wanted = new Set(ids);
  const known = client.getQueriesData<TagChoices | TagLabel[] | string[]>({ queryKey: ['tags', slug] });
  const found = new Map<TagId, TagLabel>();
  for (const [, data] of known) {
    const tags = Array.isArray(data) ? data : data?.tags;
    for (const tag of tags ?? []) if (typeof tag !== 'string' && wanted.has(tag.id)) found.set(tag.id, tag);
  }
  return [...found.values()];
}

/** The groups that the section's tags are in, by name. */
export function useTagGroups(slug: string): string[] {
  const { data } = useQuery({
    queryKey: ['tags', slug, 'groups'],
    queryFn: () => getJson<string[]>(`/data/${slug}/tags/groups`),
    staleTime: STALE_MS,
  });
  return data ?? [];
}

/** Trends of some tags for the last 30 days. `wanted`: their ids, with commas; `enabled`: false while the person scrolls past them. */
export function useTagTrends(slug: string, wanted: string, enabled: boolean) {
  return useQuery({
    queryKey: ['tag-trends', slug, wanted],
    queryFn: () => getJson<TagTrend[]>(`/data/${slug}/tags/trends?ids=${wanted}`),
    enabled: enabled && wanted !== '',
    placeholderData: keepPreviousData,
  });
}

/** Where a tag exists that the section does not have: in other sections, or hidden here. */
export function useTagWhereabouts(slug: string, name: string) {
  return useQuery({
    queryKey: ['tag-whereabouts', slug, name],
    queryFn: () => getJson<TagWhereabouts>(`/data/${slug}/tags?name=${encodeURIComponent(name)}`),
    enabled: name !== '',
  });
}

export type NewTag = TagLabel;

type CreateAnswer =
  | { kind: 'made'; tag: NewTag }
  | { kind: 'asked'; near: NewTag[] }
  | { kind: 'refused'; message: string };

/**
 * Creates a tag from any picker. `despite`: the similar tags that the server has already asked about. If a tag already has the
 * name, it is returned: somebody was quicker than the list.
 */
export function useCreateTag(slug: string) {
  const client = useQueryClient();
  const made = (tag: NewTag): CreateAnswer => {
    client.setQueryData(labelsKey(slug, [tag.id]), [tag]);
    return { kind: 'made', tag };
  };
  return async (name: string, despite: readonly TagId[], colour: TagColour | null): Promise<CreateAnswer> => {
    const result = await answerOf(postJson<Result<NewTag>>(`/data/${slug}/tags`, { name, despite, colour }));
    void client.invalidateQueries({ queryKey: ['tags', slug] });
    if (result.ok) return made(result.value);
    const answer = notCreated(result.refusal);
    return answer.kind === 'made' ? made(answer.tag) : answer;
  };
}

/** Whether a tag of a name can be created later: `free`, or else as `useCreateTag` answers. */
export function useCheckNewTag(slug: string) {
  return async (name: string, despite: readonly TagId[]): Promise<CreateAnswer | { kind: 'free' }> => {
    const query = new URLSearchParams({ name, despite: despite.join(',') });
    const result = await answerOf(getJson<Result<{ name: string }>>(`/data/${slug}/tags/new?${query}`));
    return result.ok ? { kind: 'free' } : notCreated(result.refusal);
  };
}

function notCreated({ code, message, details }: RefusalData): CreateAnswer {
  const { taken, near } = (details ?? {}) as { taken?: NewTag; near?: NewTag[] };
  if (code === 'name_taken' && taken) return { kind: 'made', tag: taken };
  return code === 'conflict' && near ? { kind: 'asked', near } : { kind: 'refused', message };
}
