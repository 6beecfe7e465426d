// Changes of a form's steps and elements: pure, with everything that has not changed left as it is.
import { ElementIdSchema, type Element, type FormDocument, type Step } from '@/lib/forms/schema';

/** Where an element stands, or is to stand. */
export type Place = { step: number; index: number };

type Steps = readonly Step[];

export const findElement = (steps: Steps, id: string): Element | undefined =>
  steps.flatMap(({ elements }) => elements).find((element) => element.id === id);

export function placeOf(steps: Steps, id: string): Place | undefined {
  for (const [step, { elements }] of steps.entries()) {
    const index = elements.findIndex((element) => element.id === id);
    if (index >= 0) return { step, index };
  }
  return undefined;
}

const withElements = (steps: Steps, at: number, change: (elements: Element[]) => Element[]): Step[] =>
  steps.map((step, index) => (index === at ? { ...step, elements: change(step.elements) } : step));

export const insertElement = (steps: Steps, { step, index }: Place, element: Element): Step[] =>
  withElements(steps, step, (elements) => elements.toSpliced(index, 0, element));

export const removeElement = (steps: Steps, id: string): Step[] =>
  steps.map((step) =>
    step.elements.some((element) => element.id === id)
      ? { ...step, elements: step.elements.filter((element) => element.id !== id) }
      : step,
  );

export const updateElement = (steps: Steps, id: string, change: (element: Element) => Element): Step[] => {
  const place = placeOf(steps, id);
  return place
    ? withElements(steps, place.step, (elements) =>
        elements.map((element) => (element.id === id ? change(element) : element)),
      )
    : [...steps];
};

/** Moves an element to before what now stands at the place. The same steps if it stands there already. */
export function moveElement(steps: Steps, id: string, to: Place): Steps {
  const [element, from] = [findElement(steps, id), placeOf(steps, id)];
  if (!element || !from) return steps;
  const isSameStep = from.step === to.step;
  const index = isSameStep && from.index < to.index ? to.index - 1 : to.index;
  if (isSameStep && index === from.index) return steps;
  return insertElement(removeElement(steps, id), { step: to.step, index }, element);
}

/** Moves an element one place up or down, at the end of a step into the next one. */
export function shiftElement(steps: Steps, id: string, by: -1 | 1): Steps {
  const from = placeOf(steps, id);
  if (!from) return steps;
  const index = from.index + by;
  if (index >= 0 && index < steps[from.step]!.elements.length) {
    return moveElement(steps, id, { ...from, index: by > 0 ? from.index + 2 : index });
  }
  const step = from.step + by;
  const there = steps[step];
  return there ? moveElement(steps, id, { step, index: by > 0 ? 0 : there.elements.length }) : steps;
}

export function shiftStep(steps: Steps, at: number, by: -1 | 1): Steps {
  const step = steps[at];
  return step && steps[at + by] ? steps.toSpliced(at, 1).toSpliced(at + by, 0, step) : steps;
}

/** What a step contains goes to its neighbour: removing a step loses nothing. */
export function mergeStep(steps: Steps, at: number): Steps {
  const step = steps[at];
  const into = at > 0 ? at - 1 : 1;
  if (!step || !steps[into]) return steps;
  return withElements(steps, into, (elements) =>
    at > 0 ? [...elements, ...step.elements] : [...step.elements, ...elements],
  ).toSpliced(at, 1);
}

/** Divides a step: what stands at the index and below is in a new step behind it. */
export function splitStep(steps: Steps, { step: at, index }: Place, id: string): Steps {
  const step = steps[at];
  if (!step) return steps;
  const rest: Step = { id, title: '', elements: step.elements.slice(index) };
  return steps.toSpliced(at, 1, { ...step, elements: step.elements.slice(0, index) }, rest);
}

/** A copy under an id of its own. An attribute is filled by one question only, so the copy's answer is kept with the submission. */
export function copyOf(element: Element, id: string): Element {
  return 'attributeId' in element ? { ...element, id, attributeId: null } : { ...element, id };
}

/** An element under another id, which conditions and the address after sending then refer to. */
export function renameElement(document: FormDocument, id: string, code: string): FormDocument {
  const rename = (known: string) => (known === id ? code : known);
  const steps = document.steps.map((step) => ({
    ...step,
    elements: step.elements.map((element) => {
      const { shownIf } = element;
      if (element.id !== id && shownIf?.elementId !== id) return element;
      return {
        ...element,
        id: rename(element.id),
        shownIf: shownIf && { ...shownIf, elementId: rename(shownIf.elementId) },
      };
    }),
  }));
  const { after } = document;
  if (after.kind !== 'address') return { ...document, steps };
  const parameters = after.parameters.map((each) => ({ ...each, elementId: rename(each.elementId) }));
  return { ...document, steps, after: { ...after, parameters } };
}

/** Why an element cannot have a code; null if it can. */
export function codeProblem({ steps }: Pick<FormDocument, 'steps'>, id: string, code: string): string | null {
  if (!ElementIdSchema.safeParse(code).success) return 'Use 1 to 20 small letters and digits.';
  // As the field that nobody sees is called.
  if (/^x[0-9a-f]{8}$/.test(code)) return 'Choose another one.';
  const others = steps.flatMap((step) => [step.id, ...step.elements.map((element) => element.id)]);
  return code !== id && others.includes(code) ? 'Something else in the form has this code.' : null;
}

/** Elements before this one by which its condition can be decided. */
export function decidersFor({ steps }: Pick<FormDocument, 'steps'>, id: string) {
  const all = steps.flatMap(({ elements }) => elements);
  const at = all.findIndex((element) => element.id === id);
  return all
    .slice(0, Math.max(0, at))
    .flatMap((element) =>
      element.kind === 'input' && ['choice', 'several', 'yesno'].includes(element.type) ? [element] : [],
    );
}
