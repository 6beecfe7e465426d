import { publicOrigin } from '@/app/public-origin';
import { requireSection } from '@/app/viewer';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { listApiKeys } from '@/lib/accounts/api-keys';
import { listAdministrators } from '@/lib/accounts/queries';
import { pool } from '@/lib/db/pool';
import { listKeyspaces } from '@/lib/profiles/queries';
import { ApiKeysView } from './api-keys-view';

export const metadata = { title: 'API keys' };

export default async function ApiKeysPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section, sections } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="API keys" people={await listAdministrators(pool(), actor.accountId)} />;
  const [keys, keyspaces] = await Promise.all([
    listApiKeys(pool(), actor.accountId),
    listKeyspaces(pool(), actor.accountId),
  ]);
  return (
    <ApiKeysView
      keys={keys}
      section={section.discriminator}
      sections={sections.map(({ id, name }) => ({ id, name }))}
      keyspaces={keyspaces.map(({ id, name }) => ({ id, name }))}
      origin={await publicOrigin()}
    />
  );
}
