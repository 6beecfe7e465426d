// What is wrong with a form before it is published, in words for its author. Imports no server code, so that the builder shows it while
// somebody works.
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { needsConfirmation, type ConfirmationRule } from './confirmation-rule';
import type { TagId, TopicId } from '@/lib/db/ids';
import { EXAMPLE_TEXT } from './example-text';
import { referencesOfElement } from './references';
import { FRAME_PARAMETER } from './render';
import { elementsOf, isAsking, type Element, type FormDocument, type Input, type InputType } from './schema';

/** Where in the builder a problem is solved. */
export type ProblemPart = 'questions' | 'people' | 'confirmation';

/** `elementId`: null for the form itself. `must`: it cannot be published like this; the others are advice. */
export type Problem = { elementId: string | null; must: boolean; words: string; part: ProblemPart };

/** What an input may be for each type of attribute; the first is offered first. */
export const INPUTS_FOR: Record<AttributeType, readonly InputType[]> = {
  text: ['text', 'lines', 'choice', 'several'],
  number: ['number'],
  date: ['date'],
  boolean: ['yesno'],
  choice: ['choice'],
};

/** The inputs that an attribute can be asked with. Keys have inputs of their own. */
export function inputsFor({ type, code, system }: Pick<Attribute, 'type' | 'code' | 'system'>): readonly InputType[] {
  if (system && code === 'email') return ['email'];
  if (system && code === 'mobile') return ['mobile'];
  return INPUTS_FOR[type];
}

/** Attributes as far as problems need them. */
export type AskedAttribute = Pick<Attribute, 'id' | 'name' | 'type' | 'code' | 'system' | 'choices'>;

/** What a form refers to, as far as problems need it: the section's visible attributes, its senders for email, and, if they are known, its visible tags and topics. */
export type Around = {
  attributes: readonly AskedAttribute[];
  senders: readonly { id: number }[];
  /** The section’s; without it each form decides. */
  rule?: ConfirmationRule;
  shown?: { tagIds: ReadonlySet<TagId>; topicIds: ReadonlySet<TopicId> };
};

/** In the order of the form. */
export function problemsOf(document: FormDocument, { attributes, senders, shown, rule = 'form' }: Around): Problem[] {
  const problems: Problem[] = [];
  const add = (elementId: string | null, must: boolean, words: string, part: ProblemPart = 'questions') =>
    problems.push({ elementId, must, words, part });
  const elements = elementsOf(document);
  const keys = elements.filter((element) => element.kind === 'input' && element.type === document.match);
  const key = document.match === 'email' ? 'email address' : 'mobile number';
  if (keys.length === 0) add(null, true, `Add a question for the ${key}: people are found by it.`);
  if (keys.length > 1) add(keys[1]!.id, true, `The ${key} is asked twice. Remove one of the questions.`);
  const [own] = keys;
  if (own?.kind === 'input' && !own.required)
    add(own.id, true, `The ${key} has to be required: people are found by it.`);
  if (own && own.shownIf !== null) add(own.id, true, `The ${key} is always asked: remove its condition.`);
  if (document.optIn.on && document.match !== 'email')
    add(null, true, 'A confirmation by email needs the email address as the key.', 'people');
  if (document.optIn.on && senders.length === 0)
    add(
      null,
      true,
      'Nobody could confirm: this section has no sender for email. An Admin can add one in Settings → Sending. Or switch the confirmation off.',
      'confirmation',
    );
  else if (document.optIn.on && !senders.some(({ id }) => [id, null].includes(document.optIn.senderId)))
    add(null, true, 'The sender of the confirmation has been removed. Choose another one.', 'confirmation');
  const { on, remindAfterDays, validDays } = document.optIn;
  if (on && remindAfterDays !== null && remindAfterDays >= validDays)
    add(null, false, 'Nobody is reminded: the link in the mail has expired by then.', 'confirmation');
  if (needsConfirmation(rule, document) && !document.optIn.on)
    add(
      null,
      true,
      `This section wants ${rule === 'all' ? 'every form' : 'a form with a consent'} to be confirmed by email: switch the confirmation on.`,
      'confirmation',
    );
  if (document.replaces && !document.optIn.on)
    add(
      null,
      true,
      'What is left out can end only after a confirmation by email: switch it on, or let everything stay.',
      'confirmation',
    );
  if (document.existing === 'overwrite' && !document.optIn.on)
    add(
      null,
      true,
      'Existing values can be replaced only after a confirmation by email: switch it on, or keep the values.',
      'confirmation',
    );
  if (document.tags.remove.length > 0 && !document.optIn.on)
    add(
      null,
      false,
      'No tag is removed: anybody can enter somebody else’s address, so that needs a confirmation by email. Switch it on.',
      'confirmation',
    );
  if (!document.optIn.on && elements.some((element) => 'topics' in element && element.topics.length > 0))
    add(
      null,
      false,
      'Consents are not confirmed, and lift no opt-out: anybody can enter somebody else’s address. A confirmation by email proves them.',
      'confirmation',
    );
  if (document.after.kind === 'address' && document.after.address === '')
    add(null, true, 'Enter the address that people come to after sending.', 'people');
  if (!elements.some(({ kind }) => kind === 'consent' || kind === 'terms'))
    add(null, false, 'The form asks for no consent, so people get no marketing messages by it.');
  if (document.tags.apply.length === 0 && !elements.some((element) => referencesOfElement(element).tagIds.length > 0))
    add(
      null,
      false,
      'The form gives nobody a tag: without one, these people are not told from others later.',
      'people',
    );
  if (shown && [...document.tags.apply, ...document.tags.remove].some((id) => !shown.tagIds.has(id)))
    add(null, true, 'A tag of the form is hidden for good. Choose another one.', 'people');
  const before = new Map<string, Element>();
  const asked = new Set<number>();
  for (const element of elements) {
    problemsOfElement(element, attributes, add);
    problemsOfCondition(element, before, add);
    if (shown) problemsOfHidden(element, { attributes, shown }, add);
    if ((element.kind === 'input' || element.kind === 'hidden') && element.attributeId !== null) {
      if (asked.has(element.attributeId)) add(element.id, true, 'Another question fills the same attribute.');
      asked.add(element.attributeId);
    }
    before.set(element.id, element);
  }
  for (const step of document.steps) {
    if (document.steps.length > 1 && !step.elements.some(isAsking))
      add(null, true, 'A step asks nothing. Remove it, or move a question there.');
  }
  return problems;
}

type Add = (elementId: string | null, must: boolean, words: string) => void;

function problemsOfElement(element: Element, attributes: readonly AskedAttribute[], add: Add): void {
  switch (element.kind) {
    case 'heading':
    case 'text':
      if (element.text.trim() === '') add(element.id, false, 'An empty text leaves a gap in the form.');
      if (element.text.trim() === EXAMPLE_TEXT)
        add(element.id, true, 'This text is an example. Say what your event is about.');
      break;
    case 'image':
      if (element.source === '') add(element.id, true, 'The image has no picture yet.');
      else if (element.alt.trim() === '')
        add(element.id, false, 'The image has no description: people who do not see it learn nothing of it.');
      break;
    case 'input':
      if (element.label === '') add(element.id, true, 'The question has no label.');
      problemsOfInput(element, attributes, add);
      break;
    case 'consent':
    case 'terms':
      if (element.label === '') add(element.id, true, 'Write what people agree to.');
      if (element.kind === 'consent' && element.topics.length === 0)
        add(element.id, true, 'Choose the topics that people agree to.');
      break;
    case 'hidden':
      if (element.parameter === '') add(element.id, true, 'Enter the name of the parameter in the address.');
      if (element.parameter === FRAME_PARAMETER)
        add(element.id, true, `“${FRAME_PARAMETER}” says that the form stands in another page. Choose another name.`);
      break;
  }
  if ('link' in element && element.link !== null && (element.link.address === '' || element.link.label === ''))
    add(element.id, true, 'The link has no text or no address.');
}

function problemsOfHidden(
  element: Element,
  { attributes, shown }: Required<Pick<Around, 'attributes' | 'shown'>>,
  add: Add,
): void {
  const { tagIds, attributeIds, topicIds } = referencesOfElement(element);
  if (tagIds.some((id) => !shown.tagIds.has(id)))
    add(element.id, true, 'A tag by an answer is hidden for good. Choose another one.');
  if (attributeIds.some((wanted) => !attributes.some(({ id }) => id === wanted)))
    add(element.id, true, 'Its attribute is hidden. Choose another one, or have an Admin show it again.');
  if (topicIds.some((id) => !shown.topicIds.has(id)))
    add(element.id, true, 'One of its topics is hidden. Choose another one, or have an Admin show it again.');
}

function problemsOfInput(input: Input, attributes: readonly AskedAttribute[], add: Add): void {
  const hasChoices = input.type === 'choice' || input.type === 'several';
  const values = input.choices.map(({ value }) => value);
  if (hasChoices && values.length === 0) add(input.id, true, 'Add the answers that people choose from.');
  if (hasChoices && values.includes('')) add(input.id, true, 'An answer has no text.');
  const written = values.filter((value) => value !== '');
  if (hasChoices && new Set(written).size < written.length) add(input.id, true, 'Two answers are the same.');
  if (input.attributeId === null) return;
  const attribute = attributes.find(({ id }) => id === input.attributeId);
  if (!attribute) return;
  if (!inputsFor(attribute).includes(input.type)) {
    add(input.id, true, `“${attribute.name}” cannot be filled by this kind of question.`);
  }
  if (attribute.type !== 'choice') return;
  const unknown = values.filter((value) => !attribute.choices.includes(value));
  if (unknown.length > 0) add(input.id, true, `“${unknown[0]}” is none of the choices of “${attribute.name}”.`);
}

const CAN_DECIDE: readonly InputType[] = ['choice', 'several', 'yesno'];

function problemsOfCondition({ id, shownIf }: Element, before: ReadonlyMap<string, Element>, add: Add): void {
  if (shownIf === null) return;
  const other = before.get(shownIf.elementId);
  if (other?.kind !== 'input' || !CAN_DECIDE.includes(other.type)) {
    add(id, true, 'Its condition refers to a question that is not before it. Choose another one.');
    return;
  }
  const possible = other.type === 'yesno' ? ['yes', 'no'] : other.choices.map(({ value }) => value);
  if (shownIf.values.length === 0) add(id, true, `Choose the answers to “${other.label}” by which it is shown.`);
  if (!shownIf.values.every((value) => possible.includes(value)))
    add(id, true, `Its condition asks for an answer that “${other.label}” no longer has.`);
}
