import { NotAllowed } from '@/components/shell/not-allowed';
import { requireSection } from '@/app/viewer';
import { valueForPage } from '@/app/value-for-page';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';
import { connectorForms } from '@/lib/integrations/forms';
import { ConnectForm } from './connect-form';

export const metadata = { title: 'Connect a CRM' };

export default async function ConnectPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) {
    return <NotAllowed what="Integrations" people={await valueForPage(readAdministrators(actor, {}))} />;
  }
  return <ConnectForm section={{ id: section.id, slug: section.slug }} connectors={connectorForms()} />;
}
