'use client';
// Resets somebody's second factor. Make sure that the person who asks for it is who they say they are.
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useSubmission } from '@/components/ui/use-submission';
import type { UserView } from '@/lib/accounts/schema';
import { resetSecondFactorAction } from './actions';

type Props = { user: UserView; onClose: () => void; onDone: () => void };

export function ResetFactorDialog({ user, onClose, onDone }: Props) {
  const { refusal, pending, send } = useSubmission();

  async function reset() {
    const result = await send(resetSecondFactorAction, { userId: user.id });
    if (result.ok) onDone();
  }

  return (
    <ConfirmDialog
      title={`Reset the two-factor sign-in of ${user.name}?`}
      confirm="Reset"
      refusal={refusal}
      pending={pending}
      onConfirm={() => void reset()}
      onClose={onClose}
    >
      <p>
        Their app and their recovery codes no longer work, and the password alone is enough until they set it up again.
        They are told by mail, and the audit log keeps it.
      </p>
      <p>Make sure that it is really {user.name} who asks, on the phone for example: a mail can come from anybody.</p>
    </ConfirmDialog>
  );
}
