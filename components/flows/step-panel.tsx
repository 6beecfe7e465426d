'use client';
// What is chosen: its fields, what is wrong with it, and what can be done with it.
import { Ellipsis } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { TextField } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import { ProblemLine } from '@/components/messages/editor/problem-line';
import { KIND_WORDS, otherwiseOf } from '@/lib/flows/words';
import type { Step } from '@/lib/flows/schema';
import { KindIcon } from './canvas-card';
import { useEditor, useShown } from './editor-context';
import { BlockFields } from './fields/block-fields';
import { LeafFields } from './fields/leaf-fields';
import { TriggerFields } from './fields/trigger-fields';
import { NodeHistory } from './node-history';
import type { NodeWords } from './node-words';
import type { OutlineNode } from './outline';
import { menuEntries } from './step-menu';
import { isBlock } from './tree';

/** `isInDialog`: Escape closes that. */
export function StepPanel({ isInDialog = false }: { isInDialog?: boolean }) {
  const { focusNode } = useEditor();
  const { nodes, selected, problems, totals } = useShown();
  const node = nodes.find(({ id }) => id === selected) ?? nodes[0]!;

  function onKeyDown(event: KeyboardEvent) {
    // Lists that have opened over it close by themselves.
    if (
      isInDialog ||
      event.key !== 'Escape' ||
      event.defaultPrevented ||
      !event.currentTarget.contains(event.target as Node)
    )
      return;
    event.preventDefault();
    event.stopPropagation();
    focusNode(node.id);
  }

  return (
    <div data-step-fields tabIndex={-1} onKeyDown={onKeyDown} className="flex flex-col gap-4 outline-none">
      {problems.has(node.id) && (
        <ul className="flex flex-col gap-1">
          {problems.get(node.id)!.map(({ words: wrong, must }) => (
            <li key={wrong} className="flex items-start gap-2">
              <ProblemLine must={must} words={wrong} />
            </li>
          ))}
        </ul>
      )}
      {totals && <NodeHistory node={node} totals={totals} />}
      <NodeFields key={node.id} node={node} />
    </div>
  );
}

function NodeFields({ node }: { node: OutlineNode }) {
  if (node.kind === 'start') return <TriggerFields />;
  if (node.kind === 'step') return <StepFields step={node.step} />;
  if (node.at === null) return <OtherwiseWords node={node} />;
  return <BlockFields block={node.block} only={node.id} />;
}

function StepFields({ step }: { step: Step }) {
  const { changeStep } = useEditor();
  return (
    <>
      {isBlock(step) ? <BlockFields block={step} /> : <LeafFields step={step} />}
      <TextField
        label="Name of this step"
        maxLength={100}
        placeholder={KIND_WORDS[step.kind]}
        help="Instead of what it does, if you like."
        value={step.name}
        onChange={(name) => changeStep(step, { name }, 'name')}
      />
    </>
  );
}

function OtherwiseWords({ node }: { node: Extract<OutlineNode, { kind: 'way' }> }) {
  const { open } = useEditor();
  return (
    <>
      <p className="text-muted">
        {node.block.kind === 'wait_for'
          ? 'This way is for those to whom nothing of it happened in time.'
          : 'This way is for everybody who fits none of the others.'}
      </p>
      <div>
        <AriaButton onPress={() => open(node.block.id)} className={buttonClass({ size: 'small' })}>
          Change the step itself
        </AriaButton>
      </div>
    </>
  );
}

/** Above the fields. */
export function PanelHead({ words }: { words: ReadonlyMap<string, NodeWords> }) {
  const actions = useEditor();
  const { nodes, selected } = useShown();
  const node = nodes.find(({ id }) => id === selected) ?? nodes[0]!;
  const { kind, sentence, place } = words.get(node.id)!;
  const isOtherwise = node.kind === 'way' && node.id === otherwiseOf(node.block);
  return (
    <div className="flex items-start gap-3">
      <KindIcon kind={node.kind === 'step' ? node.step.kind : node.kind} />
      <div className="min-w-0 flex-1">
        <p className="text-muted text-xs">{kind}</p>
        <h2 className="leading-5 font-semibold wrap-anywhere">{sentence}</h2>
        {node.kind !== 'start' && <p className="text-muted text-xs wrap-anywhere">{place}</p>}
      </div>
      {node.kind !== 'start' && !isOtherwise && (
        <Menu
          label={`More: ${sentence}`}
          trigger={
            <AriaButton aria-label={`More: ${sentence}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
              <Ellipsis aria-hidden className="size-4" />
            </AriaButton>
          }
          entries={menuEntries(node.id, node.kind, actions)}
        />
      )}
    </div>
  );
}
