'use client';
// Lets people into a flow by hand: one of them, or a whole segment.
import { useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { PickField } from '@/components/flows/fields/pick-field';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { RadioGroup } from '@/components/ui/field';
import type { SegmentId } from '@/lib/db/ids';
import type { usePeopleActions } from './use-people-actions';

type Props = {
  slug: string;
  things: FlowThings;
  actions: ReturnType<typeof usePeopleActions>;
  onClose: () => void;
};

export function LetInDialog({ slug, things, actions, onClose }: Props) {
  const [whom, setWhom] = useState<'person' | 'segment'>('person');
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [segmentId, setSegment] = useState<SegmentId | null>(null);
  const isChosen = whom === 'person' ? person !== null : segmentId !== null;

  async function letIn() {
    const chosen = whom === 'person' ? person && { profileIds: [person.id] } : segmentId !== null && { segmentId };
    if (chosen && (await actions.letIn(chosen))) onClose();
  }

  return (
    <Dialog
      title="Let people in"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isPending={actions.pending} isDisabled={!isChosen} onPress={() => void letIn()}>
            Let them in
          </Button>
        </>
      }
    >
      <RadioGroup
        label="Whom?"
        value={whom}
        options={[
          { value: 'person', label: 'One person' },
          { value: 'segment', label: 'Everybody in a segment' },
        ]}
        onChange={setWhom}
      />
      {whom === 'person' && person === null && <ProfileFinder slug={slug} label="Person" onChoose={setPerson} />}
      {whom === 'person' && person !== null && (
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{person.name}</span>
          <Button size="small" variant="quiet" onPress={() => setPerson(null)}>
            Somebody else
          </Button>
        </p>
      )}
      {whom === 'segment' && (
        <PickField
          label="Segment"
          value={segmentId}
          things={things.vocabulary.segments.filter(({ attention }) => !attention)}
          placeholder="Choose a segment"
          gone="A segment that cannot be used"
          none="There is no segment yet."
          onChange={setSegment}
        />
      )}
      <p className="text-muted text-[13px]">
        They enter by the rules of the flow: nobody with the exit tag, and nobody more often than its settings allow.
      </p>
    </Dialog>
  );
}
