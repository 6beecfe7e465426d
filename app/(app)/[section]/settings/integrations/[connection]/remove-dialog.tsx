'use client';
// Removes a connection, and says what stays.
import { useRouter } from 'next/navigation';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConnectionView } from '@/lib/integrations/views';
import { removeConnectionAction } from '../actions';
import { number, type SectionRef } from '../words';

export function RemoveDialog({
  section,
  connection,
  onClose,
}: {
  section: SectionRef;
  connection: ConnectionView;
  onClose: () => void;
}) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission({ leaves: true });
  const count = connection.lists.kept;

  async function remove() {
    const result = await send(removeConnectionAction, { sectionId: section.id, connectionId: connection.id });
    if (!result.ok) return;
    const { note } = result.value;
    toast('The connection has been removed', note === null ? {} : { detail: note });
    router.push(`/${section.slug}/settings/integrations`);
  }

  return (
    <ConfirmDialog
      title={`Remove “${connection.name}”?`}
      confirm="Remove for good"
      refusal={refusal}
      pending={pending}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <ul className="flex list-disc flex-col gap-1 pl-5">
        {count > 0 && (
          <li>
            {count === 1 ? 'Its tag stays' : `Its ${number(count)} tags stay`} on everyone who has{' '}
            {count === 1 ? 'it, as an ordinary tag' : 'them, as ordinary tags'}: no list takes{' '}
            {count === 1 ? 'it' : 'them'} off any more.
          </li>
        )}
        <li>No sync runs any more. What earlier ones did stays in Activity, and can still be undone there.</li>
        <li>
          The credentials are deleted. Nothing changes in the CRM, except that a webhook which Tagwell has registered
          there is removed.
        </li>
      </ul>
      <p>To stop it for a while only, pause it instead.</p>
    </ConfirmDialog>
  );
}
