'use client';
// Removes a connection, and says what stays.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
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
  const count = connection.lists.length;

  async function remove() {
    const result = await send(removeConnectionAction, { sectionId: section.id, connectionId: connection.id });
    if (!result.ok) return;
    const { note } = result.value;
    toast('The connection has been removed', note === null ? {} : { detail: note });
    router.push(`/${section.slug}/settings/integrations`);
  }

  return (
    <Dialog
      title={`Remove “${connection.name}”?`}
      isOpen
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" isPending={pending} onPress={() => void remove()}>
            Remove for good
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <p>
        The credentials are deleted, and no sync runs any more.
        {count > 0 &&
          ` ${count === 1 ? 'Its tag stays' : `Its ${number(count)} tags stay`} on everyone who has ${count === 1 ? 'it' : 'them'}, as ${count === 1 ? 'an ordinary tag' : 'ordinary tags'}.`}{' '}
        What earlier syncs did stays in the history. Nothing changes in the CRM. To stop it for a while, pause it
        instead.
      </p>
    </Dialog>
  );
}
