import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readSegment, readVocabulary } from '@/lib/segments/reads';
import { BuilderPage } from '../../builder/builder-page';

export const metadata = { title: 'Edit segment' };

export default async function EditSegmentPage({ params }: { params: Promise<{ section: string; segment: string }> }) {
  const { section: slug, segment: segmentId } = await params;
  const { actor, section } = await requireSection(slug);
  const segment = await valueForPage(readSegment(actor, { sectionId: section.id, segmentId }));
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
