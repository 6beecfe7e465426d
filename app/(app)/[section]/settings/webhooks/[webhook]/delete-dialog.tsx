'use client';
// Deleting a webhook also deletes its log and cannot be undone.
import { useRouter } from 'next/navigation';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { WebhookView } from '@/lib/webhooks/schema';
import { deleteWebhookAction } from '../actions';
import type { SectionRef } from '../webhook-dialog';

export function DeleteDialog({
  section,
  webhook,
  onClose,
}: {
  section: SectionRef;
  webhook: WebhookView;
  onClose: () => void;
}) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission({ leaves: true });

  async function remove() {
    const result = await send(deleteWebhookAction, { sectionId: section.id, webhookId: webhook.id });
    if (!result.ok) return;
    toast('The webhook has been deleted');
    router.push(`/${section.slug}/settings/webhooks`);
  }

  return (
    <ConfirmDialog
      title="Delete this webhook?"
      confirm="Delete for good"
      refusal={refusal}
      pending={pending}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>
        Its log is deleted too, and {webhook.waiting.toLocaleString('en-GB')} waiting messages will not be sent. To stop
        it for a while, pause it instead.
      </p>
    </ConfirmDialog>
  );
}
