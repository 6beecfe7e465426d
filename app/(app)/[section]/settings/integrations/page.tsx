import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { madeUpPage } from '@/lib/integrations/made-up';
import { readConnections } from '@/lib/integrations/reads';
import { ConnectionsView } from './connections-view';

export const metadata = { title: 'Integrations' };

export default async function IntegrationsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const connections = await readConnections(actor, { sectionId: section.id });
  if (!connections.ok) return <Refused actor={actor} what="Integrations" refusal={connections.refusal} />;
  return (
    <ConnectionsView
      section={{ id: section.id, slug: section.slug }}
      connections={connections.value}
      offersMadeUp={madeUpPage(section.id) !== null}
    />
  );
}
