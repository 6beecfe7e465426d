'use client';
// A condition on another segment.
import { Link } from '@/components/ui/link';
import { InlineSelect } from '@/components/ui/inline';
import type { SegmentId } from '@/lib/db/ids';
import { useBuilder } from './builder-context';
import type { DraftSegment } from './draft';

export function SegmentFields({ node }: { node: DraftSegment }) {
  const { slug, replace, vocabulary } = useBuilder();
  const segment = vocabulary.segments.find(({ id }) => id === node.segmentId);
  return (
    <>
      <InlineSelect
        label="In or not in"
        value={node.test}
        options={[
          { value: 'in', label: 'is in' },
          { value: 'not_in', label: 'is not in' },
        ]}
        onChange={(test) => replace({ ...node, test })}
      />
      <InlineSelect
        label="Segment"
        value={String(node.segmentId)}
        options={[
          ...(segment ? [] : [{ value: String(node.segmentId), label: 'Missing segment' }]),
          ...vocabulary.segments.map(({ id, name, attention }) => ({
            value: String(id),
            label: attention ? `${name} (needs attention)` : name,
          })),
        ]}
        onChange={(id) => replace({ ...node, segmentId: Number(id) as SegmentId })}
      />
      {segment && (
        <Link href={`/${slug}/segments/${segment.id}`} className="text-muted hover:text-ink text-[13px] underline">
          open
        </Link>
      )}
    </>
  );
}
