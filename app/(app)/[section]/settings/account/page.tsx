import { valueForPage } from '@/app/value-for-page';
import { requireViewer } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readOwnSessions } from '@/lib/accounts/own-sessions';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import { readOwnSignIn } from '@/lib/accounts/second-factor';
import { NameForm, PasswordForm } from './account-forms';
import { SecondFactorCard } from './second-factor-card';
import { SessionsCard } from './sessions-card';

export const metadata = { title: 'My account' };

export default async function AccountPage() {
  const { actor, sections } = await requireViewer();
  const [own, sessions] = await Promise.all([
    valueForPage(readOwnSignIn(actor, {})),
    valueForPage(readOwnSessions(actor, {})),
  ]);
  return (
    <>
      <PageHeader title="My account">
        {actor.email} · {ROLE_NAMES[actor.role]} ·{' '}
        {actor.sections === 'all' ? 'all sections' : sections.map(({ name }) => name).join(', ')}
      </PageHeader>
      <div className="flex max-w-md flex-col gap-6">
        <NameForm name={actor.name} />
        <PasswordForm email={actor.email} />
        <SecondFactorCard own={own} />
        <SessionsCard userId={actor.userId} sessions={sessions} hasIdentity={own.hasIdentity} />
      </div>
    </>
  );
}
