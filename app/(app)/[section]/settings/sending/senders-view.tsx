'use client';
// The senders of a section, and whether anything is wrong with them.
import { MessageSquareText, Send } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SenderView } from '@/lib/sending/schema';
import { addMailboxAction } from './actions';
import { placeOf, type SectionRef } from './words';

export function SendersView({ section, senders }: { section: SectionRef; senders: SenderView[] }) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const here = `/${section.slug}/settings/sending`;
  const hasMailbox = senders.some(({ kind }) => kind === 'mailbox');

  async function makeMailbox() {
    const result = await send(addMailboxAction, { sectionId: section.id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    router.push(`${here}/${result.value.id}`);
  }

  const add = (
    <ButtonLink variant="primary" href={`${here}/new`}>
      <Send aria-hidden className="size-4" /> Add a sender
    </ButtonLink>
  );
  const addSms = (
    <ButtonLink href={`${here}/new-sms`}>
      <MessageSquareText aria-hidden className="size-4" /> Add an SMS sender
    </ButtonLink>
  );
  const mailbox = (
    <Button isPending={pending} onPress={() => void makeMailbox()}>
      Add a built-in mailbox
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Sending"
        actions={
          senders.length > 0 && (
            <>
              {!hasMailbox && mailbox}
              {addSms}
              {add}
            </>
          )
        }
      >
        Mails of this section go out through senders: your own mail servers, or your mail provider’s. SMS go out through
        an SMS provider.
      </PageHeader>
      {senders.length === 0 ? (
        <EmptyState
          title="No senders yet"
          action={
            <>
              {mailbox}
              {addSms}
              {add}
            </>
          }
        >
          A sender is an SMTP connection to a mail server, with the address that people see. To try things out without
          one, add a built-in mailbox: it keeps what it is given, and sends nothing.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Sender', 'From', 'Through', 'Today']} />
            <ArrowRows className={stackedClass.body}>
              {senders.map((sender) => (
                <tr key={sender.id} className={stackedClass.row}>
                  <td className={stackedClass.cell}>
                    <Link href={`${here}/${sender.id}`} className="text-accent-ink font-medium underline">
                      {sender.name}
                    </Link>{' '}
                    <SenderBadges sender={sender} />
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>From</CellLabel>
                    {sender.fromName || sender.fromAddress}{' '}
                    {sender.fromName !== '' && (
                      <span className="text-muted block text-[13px]">{sender.fromAddress}</span>
                    )}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Through</CellLabel>
                    {placeOf(sender)}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Today</CellLabel>
                    {sender.today.toLocaleString('en-GB')}
                  </td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
    </>
  );
}

/** What is special about a sender. */
export function SenderBadges({ sender }: { sender: SenderView }) {
  const troubles = sender.check?.findings.filter(({ state }) => state === 'missing' || state === 'wrong') ?? [];
  return (
    <span className="inline-flex flex-wrap gap-1 align-middle">
      {sender.kind === 'mailbox' && <Badge tone="warning">Sends nothing</Badge>}
      {sender.needsPassword && <Badge tone="danger">Needs its password</Badge>}
      {sender.pausedAt && <Badge tone="warning">Paused</Badge>}
      {sender.bouncesFail && <Badge tone="danger">Bounces cannot be read</Badge>}
      {sender.gentleRate !== null && (
        <Badge>Starts gently: up to {sender.gentleRate.toLocaleString('en-GB')} a second</Badge>
      )}
      {sender.isForSystem && <Badge>Invitations and resets</Badge>}
      {sender.kind === 'smtp' && troubles.length > 0 && (
        <Badge tone="warning">{troubles.map(({ what }) => what).join(', ')} to fix</Badge>
      )}
    </span>
  );
}
