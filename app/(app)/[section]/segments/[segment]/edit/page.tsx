import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';
import { SegmentIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getSegment } from '@/lib/segments/queries';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { BuilderPage } from '../../builder/builder-page';

export const metadata = { title: 'Edit segment' };

export default async function EditSegmentPage({ params }: { params: Promise<{ section: string; segment: string }> }) {
  const { section: slug, segment: rawId } = await params;
  const { actor, section } = await requireSection(slug);
  const id = SegmentIdSchema.safeParse(rawId);
  const segment = id.success ? await getSegment(pool(), section.id, id.data) : undefined;
  if (!segment) notFound();
  const place = { accountId: actor.accountId, sectionId: section.id };
  const vocabulary = await vocabularyOf(pool(), place, [segment.rules]);
  const { name, description, rules, changedAt } = segment;
  return (
    <BuilderPage
      section={{ id: section.id, slug }}
      userId={actor.userId}
      // A segment in itself has no meaning.
      vocabulary={{ ...vocabulary, segments: vocabulary.segments.filter((one) => one.id !== segment.id) }}
      saved={{ id: segment.id, name, description, rules, changedAt: changedAt.toISOString() }}
      rules={null}
    />
  );
}
