'use client';
// The most frequent tags of members, compared with everyone.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@/components/ui/link';
import { ColourDot } from '@/components/tags/tag-colour';
import { cardClass } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import type { SegmentId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';

type CommonTag = TagLabel & { members: number; everyone: number };

export function CommonTags({ slug, segmentId }: { slug: string; segmentId: SegmentId }) {
  const { data, error } = useQuery({
    queryKey: ['segment-tags', slug, segmentId],
    queryFn: ({ signal }) => getJson<CommonTag[]>(`/data/${slug}/segments/${segmentId}/tags`, signal),
    retry: false,
    staleTime: 60_000,
  });
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="tags">
      <h2 id="tags" className="mb-2 font-semibold">
        Members by tag
      </h2>
      {error && <p className="text-danger">{error.message}</p>}
      {!data && !error && <p className="text-muted">Counting…</p>}
      {data?.length === 0 && <p className="text-muted">No member has a tag.</p>}
      <ul className="flex flex-col gap-1.5">
        {data?.map(({ id, name, colour, members, everyone }) => (
          <li key={id}>
            <Link
              href={`/${slug}/profiles?has=${id}`}
              className="group block"
              title={`${members.toLocaleString('en-GB')} of ${everyone.toLocaleString('en-GB')} with ${name} are in this segment`}
            >
              <span className="flex justify-between gap-2 text-[13px]">
                <span className="flex min-w-0 items-center gap-1.5">
                  <ColourDot colour={colour} />
                  <bdi className="truncate group-hover:underline">{name}</bdi>
                </span>
                <span className="text-muted shrink-0 tabular-nums">
                  {members.toLocaleString('en-GB')} of {everyone.toLocaleString('en-GB')}
                </span>
              </span>
              <span className="bg-sunken mt-0.5 block h-1.5 rounded-full">
                <span
                  className="bg-accent block h-full rounded-full"
                  style={{ width: `${(members / Math.max(1, everyone)) * 100}%` }}
                />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
