import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readKeyspaces } from '@/lib/profiles/reads';
import { readWebhooks } from '@/lib/webhooks/reads';
import { WebhooksView } from './webhooks-view';

export const metadata = { title: 'Webhooks' };

export default async function WebhooksPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const [webhooks, keyspaces] = await Promise.all([
    readWebhooks(actor, { sectionId: section.id }),
    valueForPage(readKeyspaces(actor, {})),
  ]);
  if (!webhooks.ok) return <Refused actor={actor} what="Webhooks" refusal={webhooks.refusal} />;
  return (
    <WebhooksView
      section={{ id: section.id, slug: section.slug }}
      webhooks={webhooks.value}
      keyspaces={keyspaces.map(({ id, name }) => ({ id, name }))}
    />
  );
}
