'use client';
// A webhook: its messages, their outcomes, and actions.
import { Ellipsis } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import {
  Badge,
  Banner,
  cardClass,
  CellLabel,
  EmptyState,
  PageHeader,
  stackedClass,
  TableHead,
} from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import { useOpen } from '@/components/ui/when-online';
import type { MessageView, WebhookView } from '@/lib/webhooks/schema';
import { pauseWebhookAction, resendMessagesAction, rotateSecretAction, testWebhookAction } from '../actions';
import { SecretDialog } from '../secret-dialog';
import type { SectionRef } from '../webhook-dialog';
import { DeleteDialog } from './delete-dialog';
import { MessageDialog } from './message-dialog';
import { OUTCOMES } from './outcomes';

type Props = {
  section: SectionRef;
  webhook: WebhookView;
  messages: MessageView[];
  status: MessageView['status'] | null;
  /** Where the next page begins. */
  older: number | null;
};
type Open = { kind: 'delete' } | { kind: 'secret'; secret: string } | { kind: 'message'; message: MessageView };

export function WebhookLog({ section, webhook, messages, status, older }: Props) {
  const router = useRouter();
  const openPage = useOpen();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [open, setOpen] = useState<Open | null>(null);
  const here = `/${section.slug}/settings/webhooks/${webhook.id}`;
  const ids = { sectionId: section.id, webhookId: webhook.id };
  const close = () => setOpen(null);

  /** Runs an action on the webhook, shows its outcome, and refreshes the page. */
  async function act<Value>(action: SubmitAction<Value>, input: object, done: (value: Value) => string | null) {
    const result = await send(action, { ...ids, ...input });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    const message = done(result.value);
    if (message) toast(message);
    router.refresh();
  }

  const pause = (paused: boolean) =>
    act(pauseWebhookAction, { paused }, () =>
      paused ? 'Paused: it continues from here when you resume it' : 'Resumed',
    );
  const resend = (which: 'failed' | number[]) =>
    act(
      resendMessagesAction,
      { messages: which },
      ({ sent }) => `${sent.toLocaleString('en-GB')} ${sent === 1 ? 'message is' : 'messages are'} being resent`,
    );

  return (
    <>
      <PageHeader
        title={<span className="break-all">{webhook.url}</span>}
        actions={
          <>
            <Button
              isPending={pending}
              onPress={() => void act(testWebhookAction, {}, () => 'A test message is on its way')}
            >
              Send a test
            </Button>
            <Menu
              label="More for this webhook"
              entries={[
                webhook.pausedAt
                  ? { id: 'resume', text: 'Resume', label: 'Resume', onAction: () => void pause(false) }
                  : { id: 'pause', text: 'Pause', label: 'Pause', onAction: () => void pause(true) },
                {
                  id: 'resend',
                  text: 'Resend failed messages',
                  label: 'Resend failed messages',
                  onAction: () => void resend('failed'),
                },
                {
                  id: 'secret',
                  text: 'New secret',
                  label: 'New secret',
                  onAction: () =>
                    void act(rotateSecretAction, {}, ({ secret }) => {
                      setOpen({ kind: 'secret', secret });
                      return null;
                    }),
                },
                'line',
                {
                  id: 'delete',
                  text: 'Delete',
                  label: 'Delete',
                  danger: true,
                  onAction: () => setOpen({ kind: 'delete' }),
                },
              ]}
              trigger={
                <AriaButton aria-label="More for this webhook" className="hover:bg-hover rounded-md p-2">
                  <Ellipsis aria-hidden className="size-4" />
                </AriaButton>
              }
            />
          </>
        }
      >
        {webhook.description && `${webhook.description} · `}
        {webhook.tags === null ? 'All tags' : webhook.tags.join(', ')} ·{' '}
        {webhook.keyspaces === null ? 'all keyspaces' : webhook.keyspaces.join(', ')}
        {webhook.createdBy && ` · created by ${webhook.createdBy}`}
      </PageHeader>
      {(webhook.pausedAt || webhook.pauseReason) && (
        <div className="mb-3">
          <Banner tone="warning">
            {webhook.pauseReason ?? 'Paused. Changes made while it is paused are sent when you resume it.'}
          </Banner>
        </div>
      )}
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <Select
          label="Messages"
          value={status ?? 'all'}
          onChange={(next) => openPage(next === 'all' ? here : `${here}?status=${next}`)}
          options={[
            { value: 'all', label: 'All' },
            { value: 'waiting', label: `Waiting (${webhook.waiting.toLocaleString('en-GB')})` },
            { value: 'delivered', label: 'Delivered' },
            { value: 'failed', label: `Failed (${webhook.failed.toLocaleString('en-GB')})` },
          ]}
        />
        <Button onPress={() => router.refresh()}>Refresh</Button>
      </div>
      {messages.length === 0 ? (
        <EmptyState title="No messages here yet">
          Apply a tag to a profile, or send a test. Messages are kept for 30 days.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Message', 'When', 'Outcome', 'Attempts', '']} />
            <tbody className={stackedClass.body}>
              {messages.map((message) => (
                <tr key={message.id} className={stackedClass.row}>
                  <td className={`${stackedClass.cell} max-md:pr-24`}>
                    <AriaButton
                      className="text-accent-ink font-medium underline"
                      onPress={() => setOpen({ kind: 'message', message })}
                    >
                      {message.type}
                    </AriaButton>
                  </td>
                  <td className={stackedClass.cell}>
                    <DateTime value={message.createdAt} exact />
                  </td>
                  <td className={stackedClass.cell}>
                    <Badge tone={OUTCOMES[message.status].tone}>{OUTCOMES[message.status].label}</Badge>
                    <span className="text-muted block text-[13px]">
                      {message.lastError ?? (message.lastStatus !== null && `HTTP ${message.lastStatus}`)}
                    </span>
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Attempts</CellLabel>
                    {message.attempts}
                  </td>
                  <td className={stackedClass.actions}>
                    {message.status !== 'waiting' && (
                      <Button size="small" onPress={() => void resend([message.id])}>
                        Resend
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="mt-3 flex gap-2">
        <Link href={`/${section.slug}/settings/webhooks`} className="text-accent-ink underline">
          All webhooks
        </Link>
        {older !== null && (
          <ButtonLink size="small" href={`${here}?before=${older}${status ? `&status=${status}` : ''}`}>
            Older
          </ButtonLink>
        )}
      </div>
      {open?.kind === 'delete' && <DeleteDialog section={section} webhook={webhook} onClose={close} />}
      {open?.kind === 'secret' && <SecretDialog secret={open.secret} onClose={close} />}
      {open?.kind === 'message' && <MessageDialog section={section} message={open.message} onClose={close} />}
    </>
  );
}
