'use client';
// An element in the builder: what it asks in a line, and its fields while it is open.
import clsx from 'clsx';
import { ArrowDown, ArrowUp, Copy, Ellipsis, GripVertical, Plus, Trash2 } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Menu } from '@/components/ui/menu';
import type { Element } from '@/lib/forms/schema';
import { AddElement } from './add-element';
import { useBuilder } from './builder-context';
import type { Place } from './changes';
import { ElementFields } from './element-fields';
import { ElementSummary } from './element-summary';
import { labelOf, wordsOf } from './new-elements';

/** The type of what is dragged. */
export const DRAGGED = 'application/x-tagwell-element';

type Props = {
  element: Element;
  isOpen: boolean;
  place: Place;
  count: number;
  isFirst: boolean;
  isLast: boolean;
  /** What is wrong with it. */
  problems: readonly string[];
};

export function ElementCard({ element, isOpen, place, count, isFirst, isLast, problems }: Props) {
  const { open, remove, duplicate, shift } = useBuilder();
  const frame = useRef<HTMLDivElement>(null);
  const [isAdding, setAdding] = useState(false);
  const { name, Icon } = wordsOf(element);
  const { id } = element;

  function actionFor({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, isFrame: boolean): (() => void) | undefined {
    const ctrl = ctrlKey || metaKey;
    if (altKey && key === 'ArrowUp') return () => shift(id, -1);
    if (altKey && key === 'ArrowDown') return () => shift(id, 1);
    if (ctrl && key === 'Enter') return () => setAdding(true);
    if (ctrl && key.toLowerCase() === 'd') return () => duplicate(id);
    if (key === 'Escape' && !isFrame) return () => frame.current?.focus();
    if (!isFrame || ctrl || altKey) return undefined;
    if (key === 'Escape') return () => open(null);
    if (key === 'Delete' || key === 'Backspace') return () => remove(id);
    if (key === 'ArrowUp') return () => focusNear(frame.current, -1);
    if (key === 'ArrowDown') return () => focusNear(frame.current, 1);
    if (key === 'Enter') return () => openFields();
    return undefined;
  }

  function onKeyDown(event: KeyboardEvent) {
    // Keys of what has opened over it are not its own.
    if (event.defaultPrevented || !frame.current?.contains(event.target as Node)) return;
    const act = actionFor(event, event.target === frame.current);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function openFields() {
    open(id);
    setTimeout(() => focusFields(frame.current));
  }

  return (
    <div
      ref={frame}
      data-element-id={id}
      role="group"
      tabIndex={0}
      aria-label={`${name}${labelOf(element) ? `: ${labelOf(element).slice(0, 80)}` : ''}, ${place.index + 1} of ${count}`}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        // Presses within what has opened over it reach it too.
        if (!isOpen && frame.current?.contains(event.target as Node)) openFields();
      }}
      className={clsx(
        'bg-surface relative rounded-lg border -outline-offset-1',
        isOpen ? 'border-accent ring-accent ring-1' : 'border-line hover:border-line-strong cursor-pointer',
      )}
    >
      <div className="flex items-center gap-2 py-1.5 pr-1.5 pl-1">
        <DragHandle element={element} frame={frame} />
        <Icon aria-hidden className="text-muted size-4 shrink-0" />
        <div className="min-w-0 flex-1 py-1">
          {isOpen ? <span className="font-medium">{name}</span> : <ElementSummary element={element} />}
        </div>
        <Actions
          element={element}
          name={name}
          place={place}
          isOpen={isOpen}
          isFirst={isFirst}
          isLast={isLast}
          isAdding={isAdding}
          setAdding={setAdding}
        />
      </div>
      {problems.length > 0 && (
        <ul className="text-danger flex flex-col px-4 pb-2 text-[13px]">
          {problems.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      {isOpen && (
        <div data-fields className="border-line flex flex-col gap-4 border-t p-4">
          <ElementFields element={element} />
        </div>
      )}
    </div>
  );
}

function focusNear(frame: HTMLElement | null, by: -1 | 1): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-element-id]')];
  if (frame) all[all.indexOf(frame) + by]?.focus();
}

/** The first field of an open element. */
export function focusFields(frame: HTMLElement | null): void {
  const first = frame?.querySelector<HTMLElement>('[data-fields] :is(input, textarea, button)');
  (first ?? frame)?.focus();
}

function DragHandle({ element, frame }: { element: Element; frame: RefObject<HTMLElement | null> }) {
  return (
    <span
      aria-hidden
      draggable
      title="Drag to move"
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, element.id);
        event.dataTransfer.effectAllowed = 'move';
        if (frame.current) event.dataTransfer.setDragImage(frame.current, 20, 20);
      }}
      className="text-muted hover:text-ink hidden size-6 shrink-0 cursor-grab items-center justify-center pointer-fine:inline-flex"
    >
      <GripVertical className="size-4" />
    </span>
  );
}

const action =
  'text-muted hover:text-ink hover:bg-hover inline-flex size-8 shrink-0 items-center justify-center rounded-md disabled:opacity-40';

type ActionsProps = {
  element: Element;
  name: string;
  place: Place;
  isOpen: boolean;
  isFirst: boolean;
  isLast: boolean;
  isAdding: boolean;
  setAdding: (isAdding: boolean) => void;
};

function Actions({ element: { id }, name, place, isOpen, isFirst, isLast, isAdding, setAdding }: ActionsProps) {
  const { shift, duplicate, remove } = useBuilder();
  const entry = (key: string, text: string, icon: ReactNode, onAction: () => void, danger = false) => ({
    id: key,
    text,
    danger,
    onAction,
    label: (
      <>
        {icon} {text}
      </>
    ),
  });
  return (
    <div role="group" aria-label={`${name}: actions`} className="flex items-center">
      {isOpen && (
        <>
          <AriaButton aria-label="Move up" isDisabled={isFirst} onPress={() => shift(id, -1)} className={action}>
            <ArrowUp aria-hidden className="size-4" />
          </AriaButton>
          <AriaButton aria-label="Move down" isDisabled={isLast} onPress={() => shift(id, 1)} className={action}>
            <ArrowDown aria-hidden className="size-4" />
          </AriaButton>
        </>
      )}
      <span className={isOpen ? '' : 'sr-only'}>
        <AddElement
          place={{ ...place, index: place.index + 1 }}
          isOpen={isAdding}
          onOpenChange={setAdding}
          trigger={
            <AriaButton aria-label="Add below" excludeFromTabOrder={!isOpen} className={action}>
              <Plus aria-hidden className="size-4" />
            </AriaButton>
          }
        />
      </span>
      <Menu
        label={`${name}: more`}
        trigger={
          <AriaButton aria-label={`More: ${name}`} className={action}>
            <Ellipsis aria-hidden className="size-4" />
          </AriaButton>
        }
        entries={[
          entry('copy', 'Make a copy', <Copy aria-hidden className="text-muted size-4" />, () => duplicate(id)),
          entry('remove', 'Remove', <Trash2 aria-hidden className="size-4" />, () => remove(id), true),
        ]}
      />
    </div>
  );
}
