'use client';
// Invite somebody, or change a user's role and sections.
import { useState, type FormEvent } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { ScopeField } from '@/components/ui/scope-field';
import type { RefusalData } from '@/lib/access/refusal';
import { ROLES, type Role } from '@/lib/access/actor';
import { ROLE_NAMES, type UserView } from '@/lib/accounts/schema';
import { changeUserAction, inviteUserAction } from './actions';
import type { SectionChoice } from './users-view';

type Props = {
  user: UserView | null;
  /** Only Owners make Admins and Owners. */
  maySetRole: boolean;
  sections: SectionChoice[];
  onClose: () => void;
  onInvited: (email: string, token: string) => void;
  onSaved: () => void;
};

const HINTS: Record<Role, string> = {
  owner: 'Everything, and who is an Admin',
  admin: 'Data Model, users, audit log, and all that a User may',
  user: 'Profiles, tags, imports',
};

export function UserDialog({ user, maySetRole, sections, onClose, onInvited, onSaved }: Props) {
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>(user?.role ?? 'user');
  const [chosen, setChosen] = useState(user?.sections ?? 'all');
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const access = { role, sections: chosen };
    if (user) {
      const result = await answerOf(changeUserAction({ userId: user.id, ...access }));
      if (result.ok) return onSaved();
      setRefusal(result.refusal);
    } else {
      const result = await answerOf(inviteUserAction({ email, ...access }, requestId));
      if (result.ok) return onInvited(email, result.value.token);
      setRefusal(result.refusal);
      setRequestId(crypto.randomUUID());
    }
    setPending(false);
  }

  const formMessage = messageFor(refusal, null, ['email', 'sections']);
  return (
    <Dialog title={user ? user.name : 'Invite somebody'} isOpen onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
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
          options={ROLES.filter((one) => maySetRole || one === 'user').map((value) => ({
            value,
            label: ROLE_NAMES[value],
            hint: HINTS[value],
          }))}
        />
        <ScopeField
          label="Sections"
          choices={sections}
          value={chosen}
          onChange={setChosen}
          error={messageFor(refusal, 'sections')}
        />
        <FormButtons onCancel={onClose} submit={user ? 'Save' : 'Make the invitation'} isPending={pending} />
      </form>
    </Dialog>
  );
}
