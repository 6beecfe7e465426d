import { Banner } from '@/components/ui/display';
import { findLink } from '@/lib/accounts/links';
import { AcceptForm } from './accept-form';

export const metadata = { title: 'Invitation' };

export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const link = await findLink(token);
  if (!link) {
    return (
      <Banner tone="warning">
        This link has been used, has been revoked or has expired. Ask an Account Owner or Admin for a new one.
      </Banner>
    );
  }
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">{link.person ? 'Set a new password' : `Join ${link.account}`}</h1>
      <p className="text-muted mb-4">{link.email}</p>
      <AcceptForm token={token} isNew={link.person === null} />
    </>
  );
}
