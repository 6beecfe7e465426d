'use client';
// The people of the account: roles, sections, invitations.
import { Ellipsis, UserPlus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { Initials } from '@/components/ui/initials';
import { Menu, type MenuEntry } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Role } from '@/lib/access/actor';
import { ROLE_NAMES, type LinkView, type UserView } from '@/lib/accounts/schema';
import type { UserId } from '@/lib/db/ids';
import { createPasswordLinkAction, setUserActiveAction, unlinkIdentityAction } from './actions';
import { LinkDialog } from './link-dialog';
import { OpenLinks } from './open-links';
import { ResetFactorDialog } from './reset-factor-dialog';
import { SecondFactorRule } from './second-factor-rule';
import { UserDialog, type SectionChoice } from './user-dialog';

type Props = {
  /** `limited`: to some of the sections. */
  me: { id: UserId; role: Role; limited: boolean };
  users: UserView[];
  links: LinkView[];
  /** Since when the account requires a second factor. */
  requiredSince: Date | null;
  sections: SectionChoice[];
  origin: string;
};
type Open =
  | { kind: 'invite' }
  | { kind: 'edit'; user: UserView }
  | { kind: 'reset'; user: UserView }
  | { kind: 'link'; link: string; who: string; mailed: boolean };

export function UsersView({ me, users, links, requiredSince, sections, origin }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const [open, setOpen] = useState<Open | null>(null);
  const sectionNames = (user: UserView) => {
    if (user.sections === 'all') return 'All';
    const names = user.sections.map((id) => sections.find((section) => section.id === id)?.name ?? '…');
    return [...names, ...(user.hasOtherSections ? ['others'] : [])].join(', ') || 'None';
  };

  async function setActive(user: UserView, active: boolean) {
    const result = await send(setUserActiveAction, { userId: user.id, active });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`${user.name} ${active ? 'can sign in again' : 'can no longer sign in'}`, {
      about: [`user ${user.id}`],
      action: { label: 'Undo', run: () => void setActive(user, !active) },
    });
    router.refresh();
  }

  async function passwordLink(user: UserView) {
    const result = await send(createPasswordLinkAction, { userId: user.id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    const { token, mailed } = result.value;
    setOpen({ kind: 'link', who: user.name, link: `${origin}/invite/${token}`, mailed });
    router.refresh();
  }

  async function unlink(user: UserView) {
    const result = await send(unlinkIdentityAction, { userId: user.id });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`The next single sign-on of ${user.name} is linked again, by their verified address`);
    router.refresh();
  }

  const entriesFor = (user: UserView): MenuEntry[] => [
    {
      id: 'edit',
      text: 'Change role and sections',
      label: 'Change role and sections',
      onAction: () => setOpen({ kind: 'edit', user }),
    },
    ...(user.deactivatedAt
      ? []
      : [
          {
            id: 'password',
            text: 'Password link',
            label: 'Create a password link',
            onAction: () => void passwordLink(user),
          },
        ]),
    ...(user.hasSecondFactor
      ? [
          {
            id: 'reset',
            text: 'Reset two-factor sign-in',
            label: 'Reset two-factor sign-in',
            onAction: () => setOpen({ kind: 'reset', user }),
          },
        ]
      : []),
    ...(user.hasIdentity
      ? [
          {
            id: 'unlink',
            text: 'Unlink single sign-on',
            label: 'Unlink single sign-on',
            onAction: () => void unlink(user),
          },
        ]
      : []),
    'line',
    {
      id: 'active',
      text: user.deactivatedAt ? 'Reactivate' : 'Deactivate',
      label: user.deactivatedAt ? 'Reactivate' : 'Deactivate',
      danger: !user.deactivatedAt,
      onAction: () => void setActive(user, Boolean(user.deactivatedAt)),
    },
  ];

  return (
    <>
      <PageHeader
        title="Users"
        actions={
          <Button variant="primary" onPress={() => setOpen({ kind: 'invite' })}>
            <UserPlus aria-hidden className="size-4" /> Invite
          </Button>
        }
      >
        Changes take effect at the person’s next click.
        {me.limited &&
          ' You see the people of your sections. An Account Owner changes those who also have other sections.'}
      </PageHeader>
      <SecondFactorRule requiredSince={requiredSince} users={users} mayChange={!me.limited} />
      <div className={`${cardClass} relative overflow-x-auto`}>
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Name', 'Role', 'Sections', 'Two-factor', 'Last seen', '']} />
          <ArrowRows className={stackedClass.body}>
            {users.map((user) => (
              <tr key={user.id} className={stackedClass.row}>
                <td className={`${stackedClass.cell} max-md:pr-12`}>
                  <span className="flex items-center gap-2.5">
                    <Initials name={user.name} size="small" />
                    <span className="min-w-0">
                      <span className="font-medium">{user.name}</span> {user.id === me.id && <Badge>You</Badge>}{' '}
                      {user.deactivatedAt && <Badge tone="warning">Deactivated</Badge>}
                      <span className="text-muted block text-[13px]">{user.email}</span>
                    </span>
                  </span>
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Role</CellLabel>
                  {ROLE_NAMES[user.role]}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Sections</CellLabel>
                  {sectionNames(user)}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Two-factor</CellLabel>
                  <SecondFactorOf user={user} />
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Last seen</CellLabel>
                  {user.lastSeenAt ? <DateTime value={user.lastSeenAt} /> : <span className="text-muted">never</span>}
                </td>
                <td className={stackedClass.actions}>
                  {user.mayChange && (
                    <Menu
                      label={`Actions for ${user.name}`}
                      entries={entriesFor(user)}
                      trigger={
                        <AriaButton aria-label={`Actions for ${user.name}`} className="hover:bg-hover rounded-md p-2">
                          <Ellipsis aria-hidden className="size-4" />
                        </AriaButton>
                      }
                    />
                  )}
                </td>
              </tr>
            ))}
          </ArrowRows>
        </table>
      </div>
      <OpenLinks links={links} />
      {(open?.kind === 'invite' || open?.kind === 'edit') && (
        <UserDialog
          user={open.kind === 'edit' ? open.user : null}
          maySetRole={me.role === 'owner'}
          mayGiveAll={!me.limited}
          sections={sections}
          onClose={() => setOpen(null)}
          onInvited={(email, { token, mailed }) => {
            setOpen({ kind: 'link', who: email, link: `${origin}/invite/${token}`, mailed });
            router.refresh();
          }}
          onSaved={() => {
            setOpen(null);
            router.refresh();
          }}
        />
      )}
      {open?.kind === 'reset' && (
        <ResetFactorDialog
          user={open.user}
          onClose={() => setOpen(null)}
          onDone={() => {
            toast(`${open.user.name} signs in with the password alone now`);
            setOpen(null);
            router.refresh();
          }}
        />
      )}
      {open?.kind === 'link' && <LinkDialog {...open} onClose={() => setOpen(null)} />}
    </>
  );
}

function SecondFactorOf({ user }: { user: UserView }) {
  if (user.hasSecondFactor) return <Badge tone="success">On</Badge>;
  return <span className="text-muted">{user.hasPassword ? 'Off' : 'Single sign-on'}</span>;
}
