'use client';
// '+': what can be added, found by typing. Attributes that the form does not ask for yet are offered as questions.
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { FindList } from '@/components/ui/find-list';
import { popoverClass } from '@/components/ui/popover-class';
import { matchScore, searchable } from '@/lib/naming/word-search';
import { elementsOf, type Element } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import type { Place } from './changes';
import { ELEMENT_KINDS, INPUT_KINDS, isInputType, newElement, newInputFor, type KindWords } from './new-elements';
import { inputsFor } from '@/lib/forms/problems';

type Entry = KindWords & { key: string; make: () => Element };

const KINDS: readonly Entry[] = [
  ...Object.entries(INPUT_KINDS).flatMap(([kind, words]) =>
    isInputType(kind) ? [{ ...words, key: kind, make: () => newElement(kind) }] : [],
  ),
  ...(['consent', 'terms', 'heading', 'image', 'hidden'] as const).map((kind) => ({
    ...ELEMENT_KINDS[kind],
    key: kind,
    make: () => newElement(kind),
  })),
  { ...ELEMENT_KINDS.text, key: 'paragraph', make: () => newElement('paragraph') },
];

type Props = {
  place: Place;
  trigger: ReactNode;
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
};

/** `trigger`: the button. */
export function AddElement({ place, trigger, isOpen, onOpenChange }: Props) {
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
      {trigger}
      <Popover placement="bottom" className={`${popoverClass} w-80 max-w-[calc(100vw-1.5rem)]`}>
        <Dialog aria-label="Add to the form" className="outline-none">
          {({ close }) => <KindList place={place} onDone={close} />}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function KindList({ place, onDone }: { place: Place; onDone: () => void }) {
  const { attributes, insert } = useBuilder();
  const { document } = useDocument();
  const [text, setText] = useState('');
  const asked = new Set(elementsOf(document).map((element) => 'attributeId' in element && element.attributeId));
  const fromAttributes = attributes
    .filter(({ id }) => !asked.has(id))
    .map((attribute): Entry => {
      const [type = 'text'] = inputsFor(attribute);
      return {
        name: attribute.name,
        hint: 'Fills the attribute',
        Icon: INPUT_KINDS[type].Icon,
        key: `attribute ${attribute.id}`,
        make: () => newInputFor(attribute),
      };
    });
  const wanted = searchable(text);
  const entries = [...KINDS, ...fromAttributes]
    .map((entry) => ({ entry, score: matchScore(wanted, searchable(entry.name)) }))
    .filter(({ score }) => text.trim() === '' || score > 0)
    .sort((left, right) => (text.trim() === '' ? 0 : right.score - left.score))
    .map(({ entry }) => entry);
  return (
    <FindList
      label="What to add"
      placeholder="A kind of question, or an attribute"
      autoFocus
      text={text}
      onText={setText}
      entries={entries}
      entryKey={({ key }) => key}
      show={({ name, hint, Icon }) => (
        <>
          <Icon aria-hidden className="text-muted size-4 shrink-0" />
          <span className="max-w-full shrink-0 truncate">{name}</span>
          <span className="text-muted min-w-0 flex-1 truncate text-right text-xs">{hint}</span>
        </>
      )}
      onChoose={({ make }) => {
        onDone();
        insert(place, make());
      }}
      status={entries.length === 0 && 'Nothing has this name.'}
    />
  );
}

/** Between two elements: appears where the mouse is. By keyboard, an element's own 'Add below' does the same. */
export function Gap({ place }: { place: Place }) {
  return (
    <div className="group/gap relative z-10 h-2.5">
      <div
        aria-hidden
        className="bg-accent absolute inset-x-2 top-1/2 h-0.5 -translate-y-1/2 rounded-full opacity-0 transition-opacity group-hover/gap:opacity-100"
      />
      <AddElement
        place={place}
        trigger={
          <Button
            aria-label="Add something here"
            excludeFromTabOrder
            className="bg-accent text-on-accent absolute top-1/2 left-1/2 flex size-6 -translate-1/2 items-center justify-center rounded-full opacity-0 shadow transition-opacity group-hover/gap:opacity-100 aria-expanded:opacity-100 data-[focus-visible]:opacity-100"
          >
            <Plus aria-hidden className="size-4" />
          </Button>
        }
      />
    </div>
  );
}

/** At the end of a step. */
export function AddAtEnd({ place, name }: { place: Place; name: string }) {
  return (
    <AddElement
      place={place}
      trigger={
        <Button
          aria-label={name}
          className={clsx(
            'border-line-strong text-muted hover:bg-hover hover:text-ink flex w-full items-center justify-center gap-1.5 rounded-md border border-dashed py-2 text-[13px] font-medium',
          )}
        >
          <Plus aria-hidden className="size-4" /> Add a question or a text
        </Button>
      }
    />
  );
}
