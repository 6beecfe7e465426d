import { deferred } from '@/app/deferred';
import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readTopicCounts } from '@/lib/consents/reads';
import { readTopicTable } from '@/lib/used-in/reads';
import { TopicsTable } from './topics-table';

export const metadata = { title: 'Topics' };

export default async function TopicsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const found = await readTopicTable(actor, { sectionId: section.id });
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  // The topics do not wait for their counts, which take longer the more people have consented.
  const counts = deferred(readTopicCounts(actor, { sectionId: section.id }));
  return <TopicsTable section={{ id: section.id, slug: section.slug }} {...found.value} counts={counts} />;
}
