import { requireSection } from '@/app/viewer';
import { pool } from '@/lib/db/pool';
import { listSegments } from '@/lib/segments/queries';
import { withUsers } from '@/lib/used-in/queries';
import { SegmentsTable } from './segments-table';

export const metadata = { title: 'Segments' };

export default async function SegmentsPage({ params }: { params: Promise<{ section: string }> }) {
  const { section } = await requireSection((await params).section);
  const segments = await withUsers(pool(), section.id, 'segment', await listSegments(pool(), section.id));
  return <SegmentsTable slug={section.slug} segments={segments} />;
}
