import { publicOrigin } from '@/app/public-origin';
import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readApiKeys } from '@/lib/accounts/reads';
import { readKeyspaces } from '@/lib/profiles/reads';
import { ApiKeysView } from './api-keys-view';

export const metadata = { title: 'API keys' };

export default async function ApiKeysPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section, sections } = await requireSection((await params).section);
  const [keys, keyspaces] = await Promise.all([readApiKeys(actor, {}), valueForPage(readKeyspaces(actor, {}))]);
  if (!keys.ok) return <Refused actor={actor} what="API keys" refusal={keys.refusal} />;
  return (
    <ApiKeysView
      keys={keys.value}
      section={section.discriminator}
      sections={sections.map(({ id, name }) => ({ id, name }))}
      keyspaces={keyspaces.map(({ id, name }) => ({ id, name }))}
      mayGiveAll={actor.sections === 'all'}
      origin={await publicOrigin()}
    />
  );
}
