import { publicOrigin } from '@/app/public-origin';
import { requireViewer } from '@/app/viewer';
import { NotAllowed } from '@/components/shell/not-allowed';
import { mayAct } from '@/lib/access/policy';
import { listOpenLinks } from '@/lib/accounts/links';
import { listAdministrators, listUsers } from '@/lib/accounts/queries';
import { pool } from '@/lib/db/pool';
import { UsersView } from './users-view';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const { actor, sections } = await requireViewer();
  if (!mayAct(actor, 'admins'))
    return <NotAllowed what="Users" people={await listAdministrators(pool(), actor.accountId)} />;
  const [users, links] = await Promise.all([
    listUsers(pool(), actor.accountId),
    listOpenLinks(pool(), actor.accountId),
  ]);
  return (
    <UsersView
      me={{ id: actor.userId, role: actor.role }}
      users={users}
      links={links}
      sections={sections.map(({ id, name }) => ({ id, name }))}
      origin={await publicOrigin()}
    />
  );
}
