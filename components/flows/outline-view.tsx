'use client';
// The same flow as a nested list: for phones, for screen readers, and for very long flows. The same keys, and a menu for each step.
import clsx from 'clsx';
import { Ellipsis, Plus } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { Menu } from '@/components/ui/menu';
import type { Step } from '@/lib/flows/schema';
import { KindIcon, plusName } from './canvas-card';
import { useEditor, useShown } from './editor-context';
import type { NodeWords } from './node-words';
import { menuEntries } from './step-menu';
import { isBlock, listsOf, START, type NodeId } from './tree';

type Words = ReadonlyMap<string, NodeWords>;

export function OutlineView({ words }: { words: Words }) {
  const { document } = useShown();
  return (
    <div>
      <Row id={START} kind="start" words={words} />
      <PlusRow id={START} kind="start" words={words} />
      <Steps label="Steps of the flow" steps={document.steps} words={words} />
    </div>
  );
}

function Steps({ label, steps, words }: { label: string; steps: readonly Step[]; words: Words }) {
  return (
    <ol aria-label={label} className="flex flex-col">
      {steps.map((step) => (
        <li key={step.id}>
          <Row id={step.id} kind={step.kind} words={words} />
          {isBlock(step) && (
            <ul className="border-line-strong mt-1 ml-4 flex flex-col gap-1 border-l-2 pl-2 sm:pl-3">
              {listsOf(step).map(([wayId, list]) => (
                <li key={wayId}>
                  <Row id={wayId} kind="way" words={words} />
                  <PlusRow id={wayId} kind="way" words={words} />
                  {list.length > 0 && <Steps label={words.get(wayId)!.sentence} steps={list} words={words} />}
                </li>
              ))}
            </ul>
          )}
          {step.kind !== 'leave' && <PlusRow id={step.id} kind={step.kind} words={words} />}
        </li>
      ))}
    </ol>
  );
}

type RowProps = { id: NodeId; kind: Step['kind'] | 'start' | 'way'; words: Words };

function Row({ id, kind, words }: RowProps) {
  const actions = useEditor();
  const { selected, problems, numbers } = useShown();
  const counted = numbers.get(id);
  const { kind: label, sentence, place } = words.get(id)!;
  const wrong = problems.get(id);
  return (
    <div
      className={clsx(
        'bg-surface flex items-center gap-1 border pr-1',
        kind === 'way' ? 'rounded-full' : 'rounded-lg',
        selected === id ? 'border-accent ring-accent ring-1' : 'border-line',
      )}
    >
      <button
        type="button"
        data-node-id={id}
        aria-current={selected === id ? 'true' : undefined}
        onFocus={() => actions.select(id)}
        onClick={() => actions.open(id)}
        className="hover:bg-hover flex min-w-0 flex-1 items-center gap-3 rounded-[inherit] px-3 py-2 text-left"
      >
        {kind !== 'way' && <KindIcon kind={kind} />}
        <span className="min-w-0 flex-1 wrap-anywhere">
          {kind !== 'way' && <span className="text-muted block text-xs">{label}</span>}
          <span className={kind === 'way' ? 'text-[13px]' : 'font-medium'}>{sentence}</span>
          {place && <span className="sr-only">, {place}</span>}
          {counted && (
            <span
              className={clsx(
                'text-xs tabular-nums',
                kind === 'way' ? 'ml-2' : 'block',
                counted.failed > 0 ? 'text-danger' : 'text-muted',
              )}
            >
              {counted.words}
            </span>
          )}
          {wrong?.map(({ words: what, must }) => (
            <span key={what} className={clsx('block text-[13px]', must ? 'text-danger' : 'text-muted')}>
              {what}
            </span>
          ))}
        </span>
      </button>
      {kind !== 'start' && (
        <Menu
          label={`More: ${sentence}`}
          trigger={
            <AriaButton aria-label={`More: ${sentence}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
              <Ellipsis aria-hidden className="size-4" />
            </AriaButton>
          }
          entries={menuEntries(id, kind === 'way' ? 'way' : 'step', actions)}
        />
      )}
    </div>
  );
}

function PlusRow({ id, kind, words }: RowProps) {
  const { askWhat } = useEditor();
  const { sentence, place } = words.get(id)!;
  return (
    <div className="flex h-8 items-center pl-5">
      <span aria-hidden className="bg-line-strong w-px self-stretch" />
      <button
        type="button"
        data-plus={id}
        aria-label={plusName({ id, words: sentence, place, kind })}
        onClick={() => askWhat(id)}
        className="border-line-strong text-muted bg-surface hover:bg-accent hover:border-accent hover:text-on-accent -ml-3 flex size-6 shrink-0 items-center justify-center rounded-full border"
      >
        <Plus aria-hidden className="size-4" />
      </button>
    </div>
  );
}
