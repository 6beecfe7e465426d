import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { listEventTypes } from '@/lib/events/queries';
import { dependents, withUsers } from '@/lib/used-in/queries';
import { EventsTable } from './events-table';

export const metadata = { title: 'Events' };

export default async function EventsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) return null;
  const [events, touched] = await Promise.all([
    listEventTypes(pool(), section.id, { hidden: true }).then((all) => withUsers(pool(), section.id, 'event', all)),
    dependents(pool(), section.id, 'event'),
  ]);
  return (
    <EventsTable
      section={{ id: section.id, slug: section.slug, discriminator: section.discriminator }}
      events={events}
      dependents={touched}
    />
  );
}
