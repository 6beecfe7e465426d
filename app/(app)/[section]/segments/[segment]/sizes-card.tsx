'use client';
// The size over time. Of a new segment it is read again until the earlier days have been computed.
import { useQuery } from '@tanstack/react-query';
import { SizeChart } from '@/components/charts/size-chart';
import { cardClass } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import type { SegmentId } from '@/lib/db/ids';

const SOON_MS = 1_500;

/** `past`: what is to be said about the days before the segment was created. `pending`: more sizes are expected soon. */
type Sizes = { sizes: { at: string; profiles: number }[]; past: string | null; pending: boolean };

export function SizesCard({ slug, segmentId, initial }: { slug: string; segmentId: SegmentId; initial: Sizes }) {
  const { data } = useQuery({
    queryKey: ['segment-sizes', slug, segmentId],
    queryFn: () => getJson<Sizes>(`/data/${slug}/segments/${segmentId}/sizes`),
    enabled: initial.pending,
    refetchInterval: ({ state }) => (state.data?.pending ? SOON_MS : false),
  });
  const { sizes, past, pending } = initial.pending && data ? data : initial;
  return (
    <section className={`${cardClass} min-h-72 min-w-0 p-4`} aria-labelledby="sizes">
      <h2 id="sizes" className="mb-2 font-semibold">
        Size over time
      </h2>
      {sizes.length > 0 ? (
        <SizeChart sizes={sizes} />
      ) : (
        <p className="text-muted">
          {pending
            ? 'It is being computed, and appears here by itself.'
            : 'Recorded each night and whenever the rules change.'}
        </p>
      )}
      {pending && sizes.length > 0 && (
        <p role="status" className="text-muted mt-2 text-[13px]">
          The earlier days are being computed. They appear here by themselves.
        </p>
      )}
      {past && <p className="text-muted mt-2 text-[13px]">{past}</p>}
    </section>
  );
}
