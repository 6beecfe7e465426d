import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { listAdministrators } from '@/lib/accounts/queries';
import { WebhookIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getWebhook, listMessages } from '@/lib/webhooks/queries';
import { WebhookLog } from './webhook-log';

export const metadata = { title: 'Webhook' };

const PAGE = 50;
const STATUSES = ['waiting', 'delivered', 'failed'] as const;

type Props = {
  params: Promise<{ section: string; webhook: string }>;
  searchParams: Promise<{ before?: string; status?: string }>;
};

export default async function WebhookPage({ params, searchParams }: Props) {
  const { section: slug, webhook: id } = await params;
  const { actor, section } = await requireSection(slug);
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Webhooks" people={await listAdministrators(pool(), actor.accountId)} />;
  const webhookId = WebhookIdSchema.safeParse(id);
  const webhook = webhookId.success ? await getWebhook(pool(), section.id, webhookId.data) : undefined;
  if (!webhook) notFound();
  const search = await searchParams;
  const before = /^\d{1,15}$/.test(search.before ?? '') ? Number(search.before) : undefined;
  const status = STATUSES.find((one) => one === search.status);
  const messages = await listMessages(pool(), section.id, webhook.id, { before, status, limit: PAGE + 1 });
  return (
    <WebhookLog
      section={{ id: section.id, slug: section.slug }}
      webhook={webhook}
      messages={messages.slice(0, PAGE)}
      status={status ?? null}
      older={messages.length > PAGE ? messages[PAGE - 1]!.id : null}
    />
  );
}
