'use client';
// Before a flow, or a change of it, goes live: what it means for those who are in it.
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { publishFlowAction } from '../actions';
import type { HeadedFlow } from './flow-header';

type Props = {
  section: { id: SectionId };
  flow: Pick<HeadedFlow, 'id' | 'version' | 'state' | 'inside'>;
  /** Of the saved draft; null: it could not be saved. */
  revision: () => Promise<number | null>;
  onPublished: () => void;
  onClose: () => void;
};

export function PublishDialog({ section, flow, revision, onPublished, onClose }: Props) {
  const { refusal, pending, send } = useSubmission();
  const { version, state, inside } = flow;

  async function publish() {
    const saved = await revision();
    if (saved === null) return onClose();
    const result = await send(
      publishFlowAction,
      { sectionId: section.id, flowId: flow.id, revision: saved },
      crypto.randomUUID(),
    );
    if (result.ok) onPublished();
  }

  return (
    <Dialog
      title={version === null ? 'Publish the flow' : 'Publish the changes'}
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isPending={pending} onPress={() => void publish()}>
            Publish
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {version === null || state === 'stopped' ? (
        <p>
          From now on it lets people in, each at the moment when it happens to them. To whom it has happened before does
          not enter.
        </p>
      ) : (
        <>
          <p>Whoever enters from now on goes through the new version.</p>
          {inside > 0 && (
            <p>
              {inside === 1
                ? '1 person is in the flow now, and goes on as it was when they entered.'
                : `${inside.toLocaleString('en-GB')} people are in the flow now, and go on as it was when they entered.`}{' '}
              Waits that have begun keep their length.
            </p>
          )}
          {state === 'paused' && <p>The flow stays paused. Let it go on when you are ready.</p>}
        </>
      )}
    </Dialog>
  );
}
