import type { SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { COMBINATIONS_MAX, OVERLAP_MAX } from '@/lib/tags/overlap';
import { readLargestTags, readVisibleTags } from '@/lib/tags/reads';
import { NoOverlap } from './no-overlap';
import { OverlapView } from './overlap-view';
import { loadOverlapParams } from './search-params';

export const metadata = { title: 'Tag overlap' };

const SHOWN_AT_FIRST = 12;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function OverlapPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const [tags, largest, asked] = await Promise.all([
    valueForPage(readVisibleTags(actor, { sectionId: section.id })),
    valueForPage(readLargestTags(actor, { sectionId: section.id, most: SHOWN_AT_FIRST })),
    loadOverlapParams(searchParams),
  ]);
  if (tags.length < 2) return <NoOverlap slug={section.slug} only={tags[0]?.name} />;
  const needed = new Set<number>([...largest, ...(asked.tags ?? [])]);
  return (
    <OverlapView
      slug={section.slug}
      largest={largest}
      first={tags.filter(({ id }) => needed.has(id)).map(({ id, name, colour }) => ({ id, name, colour }))}
      most={{ shown: OVERLAP_MAX, combined: COMBINATIONS_MAX }}
      atFirst={SHOWN_AT_FIRST}
    />
  );
}
