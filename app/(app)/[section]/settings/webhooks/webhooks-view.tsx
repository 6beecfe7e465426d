'use client';
// Webhooks, and whether their receivers answer.
import { Webhook as WebhookIcon } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import type { KeyspaceId } from '@/lib/db/ids';
import type { WebhookView } from '@/lib/webhooks/schema';
import { SecretDialog } from './secret-dialog';
import { WebhookDialog, type SectionRef } from './webhook-dialog';

type Props = { section: SectionRef; webhooks: WebhookView[]; keyspaces: { id: KeyspaceId; name: string }[] };
type Open = { kind: 'new' } | { kind: 'made'; secret: string };

export function WebhooksView({ section, webhooks, keyspaces }: Props) {
  const router = useRouter();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const add = (
    <Button variant="primary" onPress={() => setOpen({ kind: 'new' })}>
      <WebhookIcon aria-hidden className="size-4" /> New webhook
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Webhooks"
        actions={
          <>
            <ButtonLink href="/api-reference#guide-webhooks">Guide</ButtonLink>
            {webhooks.length > 0 && add}
          </>
        }
      >
        Webhooks notify other systems as soon as tags in this section change.
      </PageHeader>
      {webhooks.length === 0 ? (
        <EmptyState title="No webhooks yet" action={add}>
          A webhook posts a signed message to your address whenever a tag is applied or removed, and a single message
          for a bulk change.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Address', 'Tags', 'Last delivered', 'Waiting', 'Failed']} />
            <ArrowRows className={stackedClass.body}>
              {webhooks.map((webhook) => (
                <tr key={webhook.id} className={stackedClass.row}>
                  <td className={stackedClass.cell}>
                    <Link
                      href={`/${section.slug}/settings/webhooks/${webhook.id}`}
                      className="text-accent-ink font-medium break-all underline"
                    >
                      {webhook.url}
                    </Link>{' '}
                    {(webhook.pausedAt || webhook.pauseReason) && <Badge tone="warning">Paused</Badge>}
                    <span className="text-muted block text-[13px]">{webhook.description}</span>
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Tags</CellLabel>
                    {webhook.tags === null ? 'All' : webhook.tags.join(', ')}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Last delivered</CellLabel>
                    {webhook.lastDeliveredAt ? (
                      <DateTime value={webhook.lastDeliveredAt} />
                    ) : (
                      <span className="text-muted">never</span>
                    )}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Waiting</CellLabel>
                    {webhook.waiting.toLocaleString('en-GB')}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Failed</CellLabel>
                    {webhook.failed.toLocaleString('en-GB')}
                  </td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
      {open?.kind === 'new' && (
        <WebhookDialog
          section={section}
          keyspaces={keyspaces}
          onClose={close}
          onCreated={(secret) => {
            setOpen({ kind: 'made', secret });
            router.refresh();
          }}
        />
      )}
      {open?.kind === 'made' && <SecretDialog secret={open.secret} onClose={close} />}
    </>
  );
}
