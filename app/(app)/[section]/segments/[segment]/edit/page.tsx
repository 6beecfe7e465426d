import type { Metadata } from 'next';
import { cache } from 'react';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readSegment, readVocabulary } from '@/lib/segments/reads';
import { BuilderPage } from '../../builder/builder-page';

type Props = { params: Promise<{ section: string; segment: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, segment: segmentId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readSegmentOnce(actor, section.id, segmentId);
  return { title: found.ok ? `Edit ${found.value.name}` : 'Edit segment' };
}

/** The title and the page ask for the same segment. */
const readSegmentOnce = cache((actor: UserActor, sectionId: SectionId, segmentId: string) =>
  readSegment(actor, { sectionId, segmentId }),
);

export default async function EditSegmentPage({ params }: Props) {
  const { section: slug, segment: segmentId } = await params;
  const { actor, section } = await requireSection(slug);
  const segment = await valueForPage(readSegmentOnce(actor, section.id, segmentId));
  const vocabulary = await valueForPage(readVocabulary(actor, { sectionId: section.id, rules: [segment.rules] }));
  const { name, description, rules, changedAt } = segment;
  return (
    <BuilderPage
      section={{ id: section.id, slug }}
      userId={actor.userId}
      // A segment cannot refer to itself.
      vocabulary={{ ...vocabulary, segments: vocabulary.segments.filter((item) => item.id !== segment.id) }}
      saved={{ id: segment.id, name, description, rules, changedAt: changedAt.toISOString() }}
      rules={null}
    />
  );
}
