import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { listEventTypes } from '@/lib/events/queries';
import { segmentsReached } from '@/lib/segments/uses';
import { EventsTable } from './events-table';

export const metadata = { title: 'Events' };

export default async function EventsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) return null;
  const [events, uses] = await Promise.all([
    listEventTypes(pool(), section.id, { hidden: true }),
    segmentsReached(pool(), section.id, 'event'),
  ]);
  return (
    <EventsTable
      section={{ id: section.id, slug: section.slug, discriminator: section.discriminator }}
      events={events}
      uses={uses}
    />
  );
}
