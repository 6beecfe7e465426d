import { requireSection } from '@/app/viewer';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { listAdministrators } from '@/lib/accounts/queries';
import { pool } from '@/lib/db/pool';
import { listKeyspaces } from '@/lib/profiles/queries';
import { listWebhooks } from '@/lib/webhooks/queries';
import { WebhooksView } from './webhooks-view';

export const metadata = { title: 'Webhooks' };

export default async function WebhooksPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Webhooks" people={await listAdministrators(pool(), actor.accountId)} />;
  const [webhooks, keyspaces] = await Promise.all([
    listWebhooks(pool(), section.id),
    listKeyspaces(pool(), actor.accountId),
  ]);
  return (
    <WebhooksView
      section={{ id: section.id, slug: section.slug }}
      webhooks={webhooks}
      keyspaces={keyspaces.map(({ id, name }) => ({ id, name }))}
    />
  );
}
