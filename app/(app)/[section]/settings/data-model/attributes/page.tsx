import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readAttributeTable } from '@/lib/used-in/reads';
import { AttributesTable } from './attributes-table';

export const metadata = { title: 'Attributes' };

export default async function AttributesPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const found = await readAttributeTable(actor, { sectionId: section.id });
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  return <AttributesTable section={{ id: section.id, slug: section.slug }} {...found.value} />;
}
