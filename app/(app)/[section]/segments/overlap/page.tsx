import type { SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { COMBINATIONS_MAX, OVERLAP_MAX } from '@/lib/tags/overlap';
import { readLargestTags, readTagChoices, readTagLabels } from '@/lib/tags/reads';
import { NoOverlap } from './no-overlap';
import { OverlapView } from './overlap-view';
import { loadOverlapParams } from './search-params';

export const metadata = { title: 'Tag overlap' };

const SHOWN_AT_FIRST = 12;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function OverlapPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const of = { sectionId: section.id };
  const [choices, largest, asked] = await Promise.all([
    valueForPage(readTagChoices(actor, of)),
    valueForPage(readLargestTags(actor, { ...of, most: SHOWN_AT_FIRST })),
    loadOverlapParams(searchParams),
  ]);
  if (choices.total < 2) return <NoOverlap slug={section.slug} only={choices.tags[0]?.name} />;
  const tagIds = [...largest, ...(asked.tags ?? [])];
  return (
    <OverlapView
      slug={section.slug}
      largest={largest}
      first={await valueForPage(readTagLabels(actor, { ...of, tagIds }))}
      most={{ shown: OVERLAP_MAX, combined: COMBINATIONS_MAX }}
      atFirst={SHOWN_AT_FIRST}
    />
  );
}
