// What can be added to a form, and new ones of it.
import {
  AlignLeft,
  AtSign,
  Calendar,
  CircleDot,
  EyeOff,
  Hash,
  Heading,
  Image,
  ListChecks,
  MailCheck,
  Pilcrow,
  Phone,
  Scale,
  TextCursorInput,
  ToggleLeft,
  type LucideIcon,
} from 'lucide-react';
import type { Attribute } from '@/lib/attributes/schema';
import { inputsFor } from '@/lib/forms/problems';
import {
  autofillOf,
  INPUT_TYPES,
  type Element,
  type ElementKind,
  type Input,
  type InputType,
} from '@/lib/forms/schema';

export type KindWords = { name: string; hint: string; Icon: LucideIcon };

export const INPUT_KINDS: Record<InputType, KindWords> = {
  text: { name: 'Short text', hint: 'A name, a company', Icon: TextCursorInput },
  lines: { name: 'Long text', hint: 'Several lines', Icon: AlignLeft },
  email: { name: 'Email address', hint: 'People are found by it', Icon: AtSign },
  mobile: { name: 'Mobile number', hint: 'With its country code', Icon: Phone },
  number: { name: 'Number', hint: 'How many, how old', Icon: Hash },
  date: { name: 'Date', hint: 'A birthday, a visit', Icon: Calendar },
  choice: { name: 'One of several answers', hint: 'Each may give a tag', Icon: CircleDot },
  several: { name: 'Any of several answers', hint: 'Each may give a tag', Icon: ListChecks },
  yesno: { name: 'Yes or no', hint: 'A yes may give a tag', Icon: ToggleLeft },
};

export const ELEMENT_KINDS: Record<Exclude<ElementKind, 'input'>, KindWords> = {
  consent: { name: 'Consent', hint: 'A box that opts in to topics', Icon: MailCheck },
  terms: { name: 'Terms', hint: 'A box that has to be ticked', Icon: Scale },
  heading: { name: 'Heading', hint: 'In large letters', Icon: Heading },
  text: { name: 'Text', hint: 'Paragraphs', Icon: Pilcrow },
  image: { name: 'Image', hint: 'A picture', Icon: Image },
  hidden: { name: 'Hidden value', hint: 'From the address, as ?campaign=spring', Icon: EyeOff },
};

export const wordsOf = (element: Element): KindWords =>
  element.kind === 'input' ? INPUT_KINDS[element.type] : ELEMENT_KINDS[element.kind];

/** What an element says, for lists and announcements. */
export function labelOf(element: Element): string {
  switch (element.kind) {
    case 'heading':
    case 'text':
      return element.text;
    case 'image':
      return element.alt;
    case 'hidden':
      return element.parameter;
    default:
      return element.label;
  }
}

/** Not `crypto.randomUUID`: browsers lack it where a page comes over plain HTTP. Begins with a letter. */
export const newElementId = (): string => `e${Math.random().toString(36).slice(2, 11).padEnd(9, '0')}`;

export const isInputType = (kind: string): kind is InputType => (INPUT_TYPES as readonly string[]).includes(kind);

export function newElement(kind: InputType | Exclude<ElementKind, 'input' | 'text'> | 'paragraph'): Element {
  const common = { id: newElementId(), shownIf: null };
  switch (kind) {
    case 'heading':
      return { ...common, kind, text: '' };
    case 'paragraph':
      return { ...common, kind: 'text', text: '', link: null };
    case 'image':
      return { ...common, kind, source: '', alt: '', width: 600 };
    case 'consent':
      return { ...common, kind, label: '', required: false, topics: [], link: null };
    case 'terms':
      return { ...common, kind, label: '', topics: [], link: null };
    case 'hidden':
      return { ...common, kind, parameter: '', attributeId: null, allowed: [] };
    default:
      return newInput(kind);
  }
}

function newInput(type: InputType): Input {
  const hasChoices = type === 'choice' || type === 'several';
  return {
    id: newElementId(),
    shownIf: null,
    kind: 'input',
    type,
    label: '',
    help: '',
    required: type === 'email',
    attributeId: null,
    choices: hasChoices ? [newChoice(), newChoice()] : [],
    autofill: null,
    look: 'list',
    tagIds: [],
    country: null,
  };
}

export const newChoice = (value = ''): Input['choices'][number] => ({ value, label: '', tagIds: [] });

/** A question that fills an attribute. */
export function newInputFor(attribute: Attribute): Input {
  const [type = 'text'] = inputsFor(attribute);
  return {
    ...newInput(type),
    label: attribute.name,
    attributeId: attribute.id,
    choices: choicesFrom(attribute),
    autofill: autofillOf(attribute.code),
  };
}

export const choicesFrom = ({ type, choices }: Pick<Attribute, 'type' | 'choices'>): Input['choices'] =>
  type === 'choice' ? choices.map((value) => newChoice(value)) : [];
