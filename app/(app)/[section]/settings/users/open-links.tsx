'use client';
// Invitations and password links that can still be used; those who may make one may take it back.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Role } from '@/lib/access/actor';
import { ROLE_NAMES, type LinkView } from '@/lib/accounts/schema';
import { revokeInvitationAction } from './actions';

export function OpenLinks({ links, mayRevoke }: { links: LinkView[]; mayRevoke: (role: Role) => boolean }) {
  const [invitations, passwords] = (['invitation', 'password'] as const).map((kind) =>
    links.filter((link) => link.kind === kind),
  );
  return (
    <>
      <LinkList id="invitations" title="Open invitations" links={invitations ?? []} mayRevoke={mayRevoke} />
      <LinkList id="password-links" title="Open password links" links={passwords ?? []} mayRevoke={mayRevoke} />
    </>
  );
}

type ListProps = { id: string; title: string; links: LinkView[]; mayRevoke: (role: Role) => boolean };

function LinkList({ id, title, links, mayRevoke }: ListProps) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  if (links.length === 0) return null;

  async function revoke({ id: invitationId, kind, email }: LinkView) {
    const result = await send(revokeInvitationAction, { invitationId });
    const what = kind === 'invitation' ? 'invitation' : 'password link';
    toast(
      result.ok ? `The ${what} of ${email} has been revoked` : result.refusal.message,
      result.ok ? {} : { tone: 'danger' },
    );
    router.refresh();
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
            <span className="min-w-0 flex-1">
              {link.name ? `${link.name}, ${link.email}` : link.email}{' '}
              <span className="text-muted">
                {link.kind === 'invitation' ? 'as ' : ''}
                {ROLE_NAMES[link.role]}
              </span>
            </span>
            <span className="text-muted text-[13px]">
              by {link.madeBy}, ends <DateTime value={link.expiresAt} />
            </span>
            {mayRevoke(link.role) && (
              <Button
                size="small"
                aria-label={`Revoke the ${link.kind === 'invitation' ? 'invitation' : 'password link'} of ${link.email}`}
                onPress={() => void revoke(link)}
              >
                Revoke
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
