import { Banner } from '@/components/ui/display';
import { findInvitation } from '@/lib/accounts/queries';
import { pool } from '@/lib/db/pool';
import { AcceptForm } from './accept-form';

export const metadata = { title: 'Invitation' };

export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const invitation = await findInvitation(pool(), token);
  if (!invitation) {
    return (
      <Banner tone="warning">
        This link has been used, revoked or has expired. Ask an Account Owner or Admin for a new one.
      </Banner>
    );
  }
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">
        {invitation.userId ? 'Set a new password' : `Join ${invitation.account}`}
      </h1>
      <p className="text-muted mb-4">{invitation.email}</p>
      <AcceptForm token={token} isNew={invitation.userId === null} />
    </>
  );
}
