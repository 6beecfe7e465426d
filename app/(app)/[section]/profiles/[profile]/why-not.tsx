'use client';
// Explains why the profile is not in one of the other segments.
import { InlineSelect } from '@/components/ui/inline';
import { useOpen } from '@/components/ui/when-online';
import type { ProfileId, SegmentId } from '@/lib/db/ids';

type Props = { slug: string; profileId: ProfileId; segments: { id: SegmentId; name: string }[] };

export function WhyNot({ slug, profileId, segments }: Props) {
  const open = useOpen();
  if (segments.length === 0) return null;
  return (
    <div className="mt-3">
      <InlineSelect
        label="Why not in another segment"
        value=""
        options={[
          { value: '', label: 'Why not in…', disabled: true },
          ...segments.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
        onChange={(id) => open(`/${slug}/segments/${id}/why/${profileId}`)}
      />
    </div>
  );
}
