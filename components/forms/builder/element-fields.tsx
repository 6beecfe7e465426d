'use client';
// The fields of an open element, by its kind.
import { TextArea, TextField } from '@/components/ui/field';
import type { Element } from '@/lib/forms/schema';
import { ConditionFields } from './condition-fields';
import { ConsentFields } from './consent-fields';
import { HiddenFields } from './hidden-fields';
import { ImageFields } from './image-fields';
import { InputFields } from './input-fields';
import { LinkFields } from './link-fields';
import { useSet } from './use-set';

export function ElementFields({ element }: { element: Element }) {
  return (
    <>
      <Own element={element} />
      {element.kind !== 'hidden' && <ConditionFields element={element} />}
    </>
  );
}

function Own({ element }: { element: Element }) {
  switch (element.kind) {
    case 'heading':
      return <HeadingFields element={element} />;
    case 'text':
      return <ParagraphFields element={element} />;
    case 'image':
      return <ImageFields element={element} />;
    case 'input':
      return <InputFields input={element} />;
    case 'consent':
    case 'terms':
      return <ConsentFields element={element} />;
    case 'hidden':
      return <HiddenFields element={element} />;
  }
}

function HeadingFields({ element }: { element: Extract<Element, { kind: 'heading' }> }) {
  const set = useSet(element);
  return <TextField label="Heading" maxLength={500} value={element.text} onChange={(text) => set({ text }, 'text')} />;
}

function ParagraphFields({ element }: { element: Extract<Element, { kind: 'text' }> }) {
  const set = useSet(element);
  return (
    <>
      <TextArea
        label="Text"
        rows={4}
        maxLength={10_000}
        value={element.text}
        onChange={(text) => set({ text }, 'text')}
        help="An empty line begins a new paragraph."
      />
      <LinkFields link={element.link} hint="Below the text" onChange={(link, what) => set({ link }, what)} />
    </>
  );
}
