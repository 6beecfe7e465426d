import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readSegments } from '@/lib/used-in/reads';
import { SegmentsTable } from './segments-table';

export const metadata = { title: 'Segments' };

export default async function SegmentsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const segments = await valueForPage(readSegments(actor, { sectionId: section.id }));
  return <SegmentsTable slug={section.slug} segments={segments} />;
}
