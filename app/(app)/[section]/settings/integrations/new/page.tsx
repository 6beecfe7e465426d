import { NotAllowed } from '@/components/shell/not-allowed';
import { requireSection } from '@/app/viewer';
import { valueForPage } from '@/app/value-for-page';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';
import { connectorForms } from '@/lib/integrations/forms';
import { madeUpPage } from '@/lib/integrations/made-up';
import { readConnections } from '@/lib/integrations/reads';
import { ConnectForm } from './connect-form';

export const metadata = { title: 'Connect a CRM' };

export default async function ConnectPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) {
    return <NotAllowed what="Integrations" people={await valueForPage(readAdministrators(actor, {}))} />;
  }
  const connections = await valueForPage(readConnections(actor, { sectionId: section.id }));
  return (
    <ConnectForm
      section={{ id: section.id, slug: section.slug }}
      connectors={connectorForms()}
      offersMadeUp={madeUpPage(section.id) !== null && !connections.some(({ madeUp }) => madeUp)}
    />
  );
}
