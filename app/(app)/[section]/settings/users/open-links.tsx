'use client';
// Invitations and password links that are still valid; those who may create one may revoke it.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { hasAnswered } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { ROLE_NAMES, type LinkMail, type LinkView } from '@/lib/accounts/schema';
import { revokeInvitationAction } from './actions';

const NAMES: Record<LinkView['kind'], string> = { invitation: 'invitation', password: 'password link' };

export function OpenLinks({ links }: { links: LinkView[] }) {
  const [invitations, passwords] = (['invitation', 'password'] as const).map((kind) =>
    links.filter((link) => link.kind === kind),
  );
  return (
    <>
      <LinkList id="invitations" title="Open invitations" links={invitations ?? []} />
      <LinkList id="password-links" title="Open password links" links={passwords ?? []} />
    </>
  );
}

/** What became of a link by mail. */
function MailState({ mail: { state, outcome, endedAt } }: { mail: LinkMail }) {
  if (state === 'sent') {
    return <span className="block">sent by mail {endedAt && <DateTime value={endedAt} />}</span>;
  }
  if (state === 'waiting') {
    return (
      <span className="block">{outcome === null ? 'on its way by mail' : `by mail: tried again. ${outcome}`}</span>
    );
  }
  return <span className="text-danger block">not sent by mail. {outcome}</span>;
}

type ListProps = { id: string; title: string; links: LinkView[] };

function LinkList({ id, title, links }: ListProps) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [confirming, setConfirming] = useState<LinkView | null>(null);
  if (links.length === 0) return null;

  async function revoke({ id: invitationId, kind, email }: LinkView) {
    const result = await send(revokeInvitationAction, { invitationId });
    toast(
      result.ok ? `The ${NAMES[kind]} of ${email} has been revoked` : result.refusal.message,
      result.ok ? {} : { tone: 'danger' },
    );
    setConfirming(null);
    if (hasAnswered(result)) router.refresh();
  }

  return (
    <section className="mt-6" aria-labelledby={id}>
      <h2 id={id} className="mb-2 font-semibold">
        {title}
      </h2>
      <ul className={cardClass}>
        {links.map((link) => (
          <li
            key={link.id}
            className="border-line flex flex-wrap items-center gap-3 border-b px-3 py-2 last:border-b-0"
          >
            <span className="min-w-0 flex-1 basis-56 wrap-anywhere">
              {link.name ? `${link.name}, ${link.email}` : link.email}{' '}
              <span className="text-muted">
                {link.kind === 'invitation' ? 'as ' : ''}
                {ROLE_NAMES[link.role]}
              </span>
            </span>
            <span className="text-muted text-[13px]">
              {link.madeBy === null ? 'asked for' : `by ${link.madeBy}`}, ends <DateTime value={link.expiresAt} />
              {link.mail && <MailState mail={link.mail} />}
            </span>
            {link.mayRevoke && (
              <Button
                size="small"
                aria-label={`Revoke the ${NAMES[link.kind]} of ${link.email}`}
                onPress={() => setConfirming(link)}
              >
                Revoke
              </Button>
            )}
          </li>
        ))}
      </ul>
      {confirming && (
        <Dialog
          alert
          title={`Revoke the ${NAMES[confirming.kind]} of ${confirming.email}?`}
          isOpen
          onClose={() => setConfirming(null)}
          actions={
            <>
              <Button onPress={() => setConfirming(null)}>Cancel</Button>
              <Button variant="danger" isPending={pending} onPress={() => void revoke(confirming)}>
                Revoke
              </Button>
            </>
          }
        >
          <p>The link stops working at once. You can create a new one at any time.</p>
        </Dialog>
      )}
    </section>
  );
}
