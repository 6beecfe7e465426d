import { valueForPage } from '@/app/value-for-page';
import { requireViewer } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readOwnAccess } from '@/lib/accounts/reads';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import { NameForm, PasswordForm } from './account-forms';
import { OwnAccess } from './own-access';

export const metadata = { title: 'My account' };

export default async function AccountPage() {
  const { actor, sections } = await requireViewer();
  return (
    <>
      <PageHeader title="My account">
        {actor.email} · {ROLE_NAMES[actor.role]} ·{' '}
        {actor.sections === 'all' ? 'all sections' : sections.map(({ name }) => name).join(', ')}
      </PageHeader>
      <div className="flex max-w-md flex-col gap-6">
        <NameForm name={actor.name} />
        <PasswordForm email={actor.email} />
        <OwnAccess userId={actor.userId} {...await valueForPage(readOwnAccess(actor, {}))} />
      </div>
    </>
  );
}
