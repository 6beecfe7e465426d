'use client';
// 'Fast in segments': benefit, cost and progress of the index.
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeIndex } from '@/lib/attributes/value-index';
import type { SectionId } from '@/lib/db/ids';
import { indexAttributeAction, unindexAttributeAction } from './actions';

type Props = {
  sectionId: SectionId;
  attribute: Attribute;
  index: AttributeIndex | undefined;
  onClose: () => void;
  onDone: () => void;
};

const megabytes = (bytes: number) => `${Math.max(1, Math.round(bytes / 1_048_576)).toLocaleString('en-GB')} MB`;

export function IndexDialog({ sectionId, attribute, index, onClose, onDone }: Props) {
  const { refusal, pending, submit } = useSubmission();
  const input = { sectionId, attributeId: attribute.id };
  const remove = submit(unindexAttributeAction, input, onDone);
  const build = submit(indexAttributeAction, input, onDone);
  const message = messageFor(refusal, null);
  return (
    <Dialog title={`Speed up segments: ${attribute.name}`} isOpen onClose={onClose}>
      <form onSubmit={index && index.status !== 'failed' ? remove : build} className="flex flex-col gap-4">
        {message && <Banner tone="danger">{message}</Banner>}
        {index?.status === 'failed' && (
          <Banner tone="danger">The index could not be built: {index.problem} Segments work as before.</Banner>
        )}
        {index?.status === 'building' && (
          <Banner tone="info">
            The index is being built. You can go on working; segments use it as soon as it is ready.
          </Banner>
        )}
        <p>
          Segments that compare “{attribute.name}” with a value are answered at once, even among a million profiles.
          This helps with <em>is</em>, <em>is one of</em>, ranges of numbers and dates, and yes or no; it does not help
          with <em>contains</em>, or with values that most profiles have.
        </p>
        <p className="text-muted text-sm">
          {index?.bytes
            ? `It takes ${megabytes(index.bytes)} on disk, and makes imports and edits of profiles slightly slower.`
            : 'It takes about 50 MB on disk for a million values, and makes imports and edits of profiles slightly slower. It is built in the background.'}
        </p>
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>Cancel</Button>
          {index && index.status !== 'failed' ? (
            <Button type="submit" isPending={pending}>
              {index.status === 'ready' ? 'Remove the index' : 'Stop and remove'}
            </Button>
          ) : (
            <Button variant="primary" type="submit" isPending={pending}>
              {index ? 'Try again' : 'Build the index'}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
