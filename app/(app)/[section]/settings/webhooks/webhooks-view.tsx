'use client';
// Webhooks, and whether their receivers answer.
import { Webhook as WebhookIcon } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, EmptyState, PageHeader, tableClass, TableHead } from '@/components/ui/display';
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
          <table className={tableClass.table}>
            <TableHead titles={['Address', 'Tags', 'Last delivered', 'Waiting', 'Failed']} />
            <tbody>
              {webhooks.map((webhook) => (
                <tr key={webhook.id} className={tableClass.row}>
                  <td className={tableClass.cell}>
                    <Link
                      href={`/${section.slug}/settings/webhooks/${webhook.id}`}
                      className="text-accent-ink font-medium break-all underline"
                    >
                      {webhook.url}
                    </Link>{' '}
                    {(webhook.pausedAt || webhook.pauseReason) && <Badge tone="warning">Paused</Badge>}
                    <span className="text-muted block text-[13px]">{webhook.description}</span>
                  </td>
                  <td className={tableClass.cell}>{webhook.tags === null ? 'All' : webhook.tags.join(', ')}</td>
                  <td className={tableClass.cell}>
                    {webhook.lastDeliveredAt ? (
                      <DateTime value={webhook.lastDeliveredAt} />
                    ) : (
                      <span className="text-muted">never</span>
                    )}
                  </td>
                  <td className={tableClass.cell}>{webhook.waiting.toLocaleString('en-GB')}</td>
                  <td className={tableClass.cell}>{webhook.failed.toLocaleString('en-GB')}</td>
                </tr>
              ))}
            </tbody>
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
