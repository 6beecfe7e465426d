'use client';
// Deletes a topic that nobody has ever agreed to. If somebody has, the refusal offers to hide it.
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import { deleteTopicAction } from './actions';

type Props = { sectionId: SectionId; topic: Topic; onClose: () => void; onDone: () => void };

export function DeleteTopicDialog({ sectionId, topic, onClose, onDone }: Props) {
  const { refusal, pending, send } = useSubmission();
  async function remove() {
    const result = await send(deleteTopicAction, { sectionId, topicId: topic.id });
    if (result.ok) onDone();
  }
  return (
    <Dialog
      alert
      title={`Delete “${topic.name}”?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{refusal ? 'Close' : 'Cancel'}</Button>
          {!refusal && (
            <Button variant="danger" onPress={() => void remove()} isPending={pending}>
              Delete
            </Button>
          )}
        </>
      }
    >
      {refusal ? (
        <Banner tone="danger">{refusal.message}</Banner>
      ) : (
        <p>Only a topic that nobody has agreed to or left can be deleted. API clients can no longer use it.</p>
      )}
    </Dialog>
  );
}
