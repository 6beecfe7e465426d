import { requireViewer } from '@/app/viewer';
import { shown } from '@/app/shown';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';
import { SectionsView } from './sections-view';

export const metadata = { title: 'Sections' };

export default async function SectionsPage() {
  const { actor, sections } = await requireViewer();
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Sections" people={await shown(readAdministrators(actor, {}))} />;
  return <SectionsView sections={sections} />;
}
