import { publicOrigin } from '@/app/public-origin';
import { Refused } from '@/app/refused';
import { requireViewer } from '@/app/viewer';
import { readOpenLinks, readUsers } from '@/lib/accounts/reads';
import { readSecondFactorRule } from '@/lib/accounts/second-factor';
import { UsersView } from './users-view';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const { actor, sections } = await requireViewer();
  const [users, links, rule] = await Promise.all([
    readUsers(actor, {}),
    readOpenLinks(actor, {}),
    readSecondFactorRule(actor, {}),
  ]);
  if (!users.ok) return <Refused actor={actor} what="Users" refusal={users.refusal} />;
  if (!links.ok) return <Refused actor={actor} what="Users" refusal={links.refusal} />;
  if (!rule.ok) return <Refused actor={actor} what="Users" refusal={rule.refusal} />;
  return (
    <UsersView
      me={{ id: actor.userId, role: actor.role, limited: actor.sections !== 'all' }}
      users={users.value}
      links={links.value}
      requiredSince={rule.value.requiredSince}
      sections={sections.map(({ id, name }) => ({ id, name }))}
      origin={await publicOrigin()}
    />
  );
}
