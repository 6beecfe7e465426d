// Which elements of a form are shown, by what was entered before them. Imports no server code, so that the builder's preview uses it.
import { elementsOf, isAsking, type Element, type FormDocument, type Step } from './schema';

/** What was entered, by element, as a browser sends it: not checked yet. */
export type Entered = ReadonlyMap<string, readonly string[]>;

export const NOTHING_ENTERED: Entered = new Map();

/** What a ticked box and a yes are sent as. */
export const YES = 'yes';
export const NO = 'no';
/** What browsers send for a box that says nothing else, as forms that people write themselves have. */
const ON = 'on';

export const isTicked = (entered: readonly string[] | undefined): boolean =>
  entered?.some((value) => value === YES || value === ON) ?? false;

/** The ids of all elements that are shown. One whose condition refers to nothing before it is. */
export function shownIds(document: Pick<FormDocument, 'steps'>, entered: Entered): Set<string> {
  const shown = new Set<string>();
  const before = new Map<string, Element>();
  for (const element of elementsOf(document)) {
    const other = element.shownIf === null ? undefined : before.get(element.shownIf.elementId);
    const isShown = !other || (shown.has(other.id) && hasOne(other, element.shownIf!.values, entered.get(other.id)));
    if (isShown) shown.add(element.id);
    before.set(element.id, element);
  }
  return shown;
}

function hasOne(element: Element, wanted: readonly string[], entered: readonly string[] = []): boolean {
  if (element.kind === 'consent' || element.kind === 'terms') return wanted.includes(YES) && isTicked(entered);
  return entered.some((value) => wanted.includes(value.trim()));
}

/** The steps that have something to show, in order; the first one in any case. `hidden` elements show nothing. */
export function stepsToShow({ steps }: Pick<FormDocument, 'steps'>, shown: ReadonlySet<string>): Step[] {
  const left = steps.filter(({ elements }) => elements.some(({ id, kind }) => kind !== 'hidden' && shown.has(id)));
  return left.length > 0 ? left : steps.slice(0, 1);
}

/** Only what was sent for elements of the form, however much else there is. */
export function enteredIn(document: Pick<FormDocument, 'steps'>, sent: URLSearchParams): Entered {
  const known = new Map<string, number>();
  for (const element of elementsOf(document)) {
    // A question has at most as many answers as choices; others have one.
    if (isAsking(element)) known.set(element.id, element.kind === 'input' ? Math.max(element.choices.length, 1) : 1);
  }
  const entered = new Map<string, string[]>();
  for (const [name, value] of sent) {
    const most = known.get(name);
    if (most === undefined) continue;
    const values = entered.get(name);
    if (!values) entered.set(name, [value]);
    else if (values.length < most && !values.includes(value)) values.push(value);
  }
  return entered;
}

/** What was entered, with what has to be chosen for an element to be shown: for a preview of one that is edited. */
export function enteredToShow(document: Pick<FormDocument, 'steps'>, entered: Entered, elementId: string): Entered {
  const elements = elementsOf(document);
  const wanted = new Map(entered);
  let element = elements.find(({ id }) => id === elementId);
  // Each condition is about an element before it, so this ends.
  for (let left = elements.length; element && left > 0; left -= 1) {
    const { shownIf } = element;
    const at = elements.indexOf(element);
    const other = shownIf && elements.slice(0, at).find(({ id }) => id === shownIf.elementId);
    if (!other) break;
    if (!hasOne(other, shownIf.values, wanted.get(other.id))) {
      const more = other.kind === 'input' && other.type === 'several' ? (wanted.get(other.id) ?? []) : [];
      wanted.set(other.id, [...more, ...shownIf.values.slice(0, 1)]);
    }
    element = other;
  }
  return wanted;
}
