'use client';
// A step of the form: its name, and its elements one below the other. What is dragged over it finds its place by the middle lines.
import { ArrowDown, ArrowUp, Ellipsis, SeparatorHorizontal } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { TextField } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import type { Problem } from '@/lib/forms/problems';
import type { Step } from '@/lib/forms/schema';
import { AddAtEnd, Gap } from './add-element';
import { useBuilder, useDocument } from './builder-context';
import { DRAGGED, ElementCard } from './element-card';
import { StepButton } from './step-button';

type Props = { step: Step; at: number; problems: readonly Problem[] };

export function StepSection({ step, at, problems }: Props) {
  const { move } = useBuilder();
  const { document, opened } = useDocument();
  const list = useRef<HTMLUListElement>(null);
  const [target, setTarget] = useState<number | null>(null);
  const { steps } = document;
  const { elements } = step;

  /** Where the dragged element would land; null if something else is dragged. */
  function indexFor(event: DragEvent): number | null {
    if (!event.dataTransfer.types.includes(DRAGGED)) return null;
    const cards = [...(list.current?.querySelectorAll(':scope > li > [data-element-id]') ?? [])];
    const index = cards.findIndex((card) => {
      const { top, height } = card.getBoundingClientRect();
      return event.clientY < top + height / 2;
    });
    return index < 0 ? cards.length : index;
  }

  return (
    <section
      aria-label={steps.length > 1 ? `Step ${at + 1} of ${steps.length}` : 'The form'}
      className="flex flex-col gap-2"
      onDragOver={(event) => {
        const index = indexFor(event);
        if (index === null) return;
        event.preventDefault();
        setTarget(index);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setTarget(null);
      }}
      onDrop={(event) => {
        const index = indexFor(event);
        setTarget(null);
        if (index === null) return;
        event.preventDefault();
        move(event.dataTransfer.getData(DRAGGED), { step: at, index });
      }}
    >
      {steps.length > 1 && <StepHead step={step} at={at} count={steps.length} />}
      <ul ref={list} className="flex flex-col">
        {elements.map((element, index) => (
          <li key={element.id} className="relative list-none">
            {target === index && <DropLine />}
            <Gap place={{ step: at, index }} />
            <ElementCard
              element={element}
              isOpen={opened === element.id}
              place={{ step: at, index }}
              count={elements.length}
              isFirst={at === 0 && index === 0}
              isLast={at === steps.length - 1 && index === elements.length - 1}
              problems={problems.flatMap(({ elementId, must, words }) =>
                must && elementId === element.id ? [words] : [],
              )}
            />
          </li>
        ))}
      </ul>
      <div className="relative">{target === elements.length && <DropLine />}</div>
      <AddAtEnd
        place={{ step: at, index: elements.length }}
        name={steps.length > 1 ? `Add to step ${at + 1}` : 'Add a question or a text'}
      />
      <StepButton isLast={at === steps.length - 1} />
    </section>
  );
}

const DropLine = () => <div className="bg-accent absolute inset-x-1 top-0.5 z-20 h-1 rounded-full" />;

function StepHead({ step, at, count }: { step: Step; at: number; count: number }) {
  const { changeStep, shiftStep, mergeStep } = useBuilder();
  return (
    <div className="flex items-end gap-1">
      <div className="min-w-0 flex-1">
        <TextField
          label={`Step ${at + 1} of ${count}`}
          placeholder="Name, such as Your details"
          maxLength={200}
          value={step.title}
          onChange={(title) => changeStep(step.id, (now) => ({ ...now, title }), `${step.id} title`)}
        />
      </div>
      <IconButton label={`Move step ${at + 1} up`} isDisabled={at === 0} onPress={() => shiftStep(at, -1)}>
        <ArrowUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton label={`Move step ${at + 1} down`} isDisabled={at === count - 1} onPress={() => shiftStep(at, 1)}>
        <ArrowDown aria-hidden className="size-4" />
      </IconButton>
      <Menu
        label={`Step ${at + 1}: more`}
        trigger={
          <AriaButton aria-label={`More: step ${at + 1}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
            <Ellipsis aria-hidden className="size-4" />
          </AriaButton>
        }
        entries={[
          {
            id: 'merge',
            text: at > 0 ? 'Put together with the step before' : 'Put together with the next step',
            onAction: () => mergeStep(at),
            label: (
              <>
                <SeparatorHorizontal aria-hidden className="text-muted size-4" />
                {at > 0 ? 'Put together with the step before' : 'Put together with the next step'}
              </>
            ),
          },
        ]}
      />
    </div>
  );
}
