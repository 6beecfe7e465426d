import { requireViewer } from '@/app/viewer';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { listAdministrators } from '@/lib/accounts/queries';
import { pool } from '@/lib/db/pool';
import { SectionsView } from './sections-view';

export const metadata = { title: 'Sections' };

export default async function SectionsPage() {
  const { actor, sections } = await requireViewer();
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Sections" people={await listAdministrators(pool(), actor.accountId)} />;
  return <SectionsView sections={sections} />;
}
