import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readEventTable } from '@/lib/used-in/reads';
import { EventsTable } from './events-table';

export const metadata = { title: 'Events' };

export default async function EventsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const found = await readEventTable(actor, { sectionId: section.id });
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  return (
    <EventsTable
      section={{ id: section.id, slug: section.slug, discriminator: section.discriminator }}
      {...found.value}
    />
  );
}
