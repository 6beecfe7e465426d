import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { listEventTypes } from '@/lib/events/queries';
import { EventsTable } from './events-table';

export const metadata = { title: 'Events' };

export default async function EventsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) return null;
  return (
    <EventsTable
      sectionId={section.id}
      sectionRef={section.discriminator}
      events={await listEventTypes(pool(), section.id, { hidden: true })}
    />
  );
}
