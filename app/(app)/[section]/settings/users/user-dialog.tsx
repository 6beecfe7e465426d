'use client';
// Invites somebody, or changes a user's role and sections.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ScopeField } from '@/components/ui/scope-field';
import { useSubmission } from '@/components/ui/use-submission';
import { ROLES, type Role } from '@/lib/access/actor';
import { ROLE_NAMES, type UserView } from '@/lib/accounts/schema';
import type { SectionId } from '@/lib/db/ids';
import { changeUserAction, inviteUserAction } from './actions';

export type SectionChoice = { id: SectionId; name: string };
type Props = {
  user: UserView | null;
  /** Only Owners make Admins and Owners. */
  maySetRole: boolean;
  /** Only people with access to all sections give it. */
  mayGiveAll: boolean;
  sections: SectionChoice[];
  onClose: () => void;
  onInvited: (email: string, made: { token: string; mailed: boolean }) => void;
  onSaved: () => void;
};

const HINTS: Record<Role, string> = {
  owner: 'Everything, including who is an Admin',
  admin: 'Data Model, users, audit log, and everything a User can do',
  user: 'Profiles, tags, imports',
};

export function UserDialog({ user, maySetRole, mayGiveAll, sections, onClose, onInvited, onSaved }: Props) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>(user?.role ?? 'user');
  const [chosen, setChosen] = useState(user?.sections ?? (mayGiveAll ? 'all' : []));
  const { refusal, pending, submit } = useSubmission();

  const access = { role, sections: chosen };
  const save = user
    ? submit(changeUserAction, { userId: user.id, ...access }, onSaved)
    : submit(inviteUserAction, { email, ...access }, (made) => onInvited(email, made));

  const formMessage = messageFor(refusal, null, ['email', 'sections']);
  return (
    <Dialog title={user ? user.name : 'Invite someone'} isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        {!user && (
          <TextField
            label="Email"
            type="email"
            value={email}
            onChange={setEmail}
            error={messageFor(refusal, 'email')}
            autoFocus
            isRequired
          />
        )}
        <RadioGroup
          label="Role"
          value={role}
          onChange={setRole}
          options={ROLES.filter((item) => maySetRole || item === 'user').map((value) => ({
            value,
            label: ROLE_NAMES[value],
            hint: HINTS[value],
          }))}
        />
        <ScopeField
          label="Sections"
          choices={sections}
          offerAll={mayGiveAll}
          value={chosen}
          onChange={setChosen}
          error={messageFor(refusal, 'sections')}
        />
        <FormButtons onCancel={onClose} submit={user ? 'Save' : 'Create invitation'} isPending={pending} />
      </form>
    </Dialog>
  );
}
