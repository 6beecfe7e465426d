'use client';
// Deleting a webhook takes its log along, for good.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import type { WebhookView } from '@/lib/webhooks/schema';
import { deleteWebhookAction } from '../actions';
import type { Place } from '../webhooks-view';

export function DeleteDialog({
  section,
  webhook,
  onClose,
}: {
  section: Place;
  webhook: WebhookView;
  onClose: () => void;
}) {
  const router = useRouter();
  const toast = useToast();
  const [message, setMessage] = useState<string | null>(null);
  const [pending, setPending] = useState(false);

  async function remove() {
    setPending(true);
    const result = await answerOf(deleteWebhookAction({ sectionId: section.id, webhookId: webhook.id }));
    setPending(false);
    if (!result.ok) return setMessage(result.refusal.message);
    toast('The webhook has been deleted');
    router.push(`/${section.slug}/settings/webhooks`);
  }

  return (
    <Dialog
      title="Delete this webhook?"
      isOpen
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" isPending={pending} onPress={() => void remove()}>
            Delete for good
          </Button>
        </>
      }
    >
      {message && <Banner tone="danger">{message}</Banner>}
      <p>
        Its log goes too, and {webhook.waiting.toLocaleString('en-GB')} waiting messages are not sent. To stop it for a
        while, pause it instead.
      </p>
    </Dialog>
  );
}
