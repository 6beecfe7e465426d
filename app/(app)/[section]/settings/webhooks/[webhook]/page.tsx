import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readWebhookLog } from '@/lib/webhooks/reads';
import { WebhookLog } from './webhook-log';

export const metadata = { title: 'Webhook' };

const PAGE = 50;
const STATUSES = ['waiting', 'delivered', 'failed'] as const;

type Props = {
  params: Promise<{ section: string; webhook: string }>;
  searchParams: Promise<{ before?: string; status?: string }>;
};

export default async function WebhookPage({ params, searchParams }: Props) {
  const { section: slug, webhook: webhookId } = await params;
  const { actor, section } = await requireSection(slug);
  const search = await searchParams;
  const before = /^[1-9]\d{0,14}$/.test(search.before ?? '') ? Number(search.before) : undefined;
  const status = STATUSES.find((item) => item === search.status);
  const page = { before, status, limit: PAGE + 1 };
  const found = await readWebhookLog(actor, { sectionId: section.id, webhookId, ...page });
  if (!found.ok) return <Refused actor={actor} what="Webhooks" refusal={found.refusal} />;
  const { webhook, messages } = found.value;
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
