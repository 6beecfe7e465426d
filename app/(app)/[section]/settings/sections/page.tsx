import { requireViewer } from '@/app/viewer';
import { valueForPage } from '@/app/value-for-page';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';
import { SectionsView } from './sections-view';

export const metadata = { title: 'Sections' };

export default async function SectionsPage() {
  const { actor, sections } = await requireViewer();
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Sections" people={await valueForPage(readAdministrators(actor, {}))} />;
  return <SectionsView sections={sections} mayAdd={actor.sections === 'all'} />;
}
