'use client';
// The tags that most of the tag's profiles have too. Counted after the page, since large tags take a moment.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@/components/ui/link';
import { TagLink } from '@/components/tags/tag-chip';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import type { TagId } from '@/lib/db/ids';
import type { TogetherTag } from '@/lib/tags/together';

type Together = { tags: TogetherTag[]; estimated: boolean };

/** As many go to the page of overlaps. */
const COMPARED = 5;

export function TagsTogether({ slug, tagId }: { slug: string; tagId: TagId }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['tags-together', slug, tagId],
    queryFn: ({ signal }) => getJson<Together>(`/data/${slug}/tags/${tagId}/together`, signal),
    retry: false,
    staleTime: 60_000,
  });
  const compared = [tagId, ...(data?.tags.slice(0, COMPARED).map(({ id }) => id) ?? [])];
  return (
    <section className={`${cardClass} min-h-64 p-4`} aria-labelledby="together">
      <h2 id="together" className="mb-2 font-semibold">
        Goes together with
      </h2>
      {error && (
        <p className="text-danger">
          {error.message}{' '}
          <Button size="small" isPending={isFetching} onPress={() => void refetch()}>
            Try again
          </Button>
        </p>
      )}
      {!data && !error && <p className="text-muted">Counting…</p>}
      {data?.tags.length === 0 && <p className="text-muted">Nobody with this tag has another one.</p>}
      <ul className="flex flex-col gap-2">
        {data?.tags.map(({ both, share, ...tag }) => (
          <li key={tag.id}>
            <span className="flex items-center justify-between gap-2">
              <TagLink tag={tag} size="wide" />
              <span className="text-muted shrink-0 text-[13px] tabular-nums">
                {data.estimated && 'about '}
                {both.toLocaleString('en-GB')}
              </span>
            </span>
            <span
              className="bg-sunken mt-1 block h-1.5 rounded-full"
              title={`${data.estimated ? 'About ' : ''}${Math.round(share * 100)} % of those with this tag`}
            >
              <span className="bg-accent block h-full rounded-full" style={{ width: `${share * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
      {compared.length > 1 && (
        <Link
          href={`/${slug}/segments/overlap?tags=${compared.join(',')}`}
          className="text-accent-ink mt-3 block underline"
        >
          Compare in Tag overlap
        </Link>
      )}
    </section>
  );
}
