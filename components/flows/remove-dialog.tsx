'use client';
// Asks before a block, or a way, is removed with the steps on it: how many go, and which of them stay.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { RadioGroup } from '@/components/ui/field';
import { stepName, waysOf } from '@/lib/flows/words';
import { useEditor, useShown } from './editor-context';
import { countInside, countSteps, findStep, findWay, isBlock, type NodeId } from './tree';

const ALL = 'all';
const counted = (count: number) => (count === 1 ? '1 step' : `${count} steps`);

export function RemoveDialog({ node, onClose }: { node: NodeId; onClose: () => void }) {
  const { removeAll } = useEditor();
  const { document, names } = useShown();
  const [keep, setKeep] = useState<NodeId>(ALL);
  const step = findStep(document.steps, node);
  const way = step ? undefined : findWay(document.steps, node);
  const isFrom = step && isBlock(step) ? step : null;
  const ways = isFrom ? waysOf(isFrom, names).filter(({ steps }) => steps.length > 0) : [];
  const count = step ? 1 + countInside(step) : countSteps(way?.steps ?? []);
  const name = step ? stepName(step, names) : 'this way';
  return (
    <Dialog
      title={step ? `Remove “${name}”` : 'Remove this way'}
      isOpen
      onClose={onClose}
      alert
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="danger"
            onPress={() => {
              onClose();
              removeAll(node, keep === ALL ? null : keep);
            }}
          >
            {keep === ALL ? `Remove ${counted(count)}` : 'Remove it'}
          </Button>
        </>
      }
    >
      {ways.length === 0 ? (
        <p>
          The {counted(count)} on it {count === 1 ? 'goes' : 'go'} too. Undo brings all of them back.
        </p>
      ) : (
        <RadioGroup
          label={`There are ${counted(count - 1)} on its ways. What becomes of them?`}
          value={keep}
          options={[
            { value: ALL, label: `All go: ${counted(count)} in all`, hint: 'Undo brings all of them back.' },
            ...ways.map(({ id, words, steps }) => ({
              value: id,
              label: `Those on “${words}” stay`,
              hint: `${counted(countSteps(steps))}, in its place.`,
            })),
          ]}
          onChange={setKeep}
        />
      )}
    </Dialog>
  );
}
