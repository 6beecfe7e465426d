// A form as plain HTML, which works without a script: one step at a time, with what was entered before carried along. Imports no server code, so that
// the builder shows the same in its preview.
import { escapeHtml } from '@/lib/text/escape-html';
import { TEXT_MAX, textMaxOf } from './limits';
import { elementsOf, isAsking, type Asking, type Element, type FormDocument, type Input, type Step } from './schema';
import { isTicked, NO, NOTHING_ENTERED, shownIds, stepsToShow, YES, type Entered } from './shown';
import { isMenu, type FormBrand } from './style';
import { textOf, type TextKey } from './texts';

/** What is wrong with an answer, in the form's own words. */
export type AnswerProblem = { elementId: string; key: TextKey; values?: Record<string, number> };

/** Names of the page's own fields. No element has such a name. */
export const FIELDS = {
  token: '_t',
  step: '_s',
  /** Which button was pressed. */
  go: '_go',
  referrer: '_r',
  /** The name of the frame, on a page of others. */
  frame: '_f',
  /** Set by the page's script: a browser that has one. */
  script: '_j',
  proof: '_p',
  /** How far the visitor has come, so that each step is counted once. */
  begun: '_b',
  /** How often the script has tried again. */
  tries: '_n',
} as const;

/** The parameter of an address that says that the page stands in a frame: its name. */
export const FRAME_PARAMETER = 'embed';

export type FormView = {
  /** Where it is sent. */
  action: string;
  brand: FormBrand;
  /** What was entered so far, also if it is wrong. */
  values?: Entered;
  problems?: readonly AnswerProblem[];
  /** The id of the step that is shown; the first one if none is given. */
  stepId?: string;
  /** Fields of the page's own. */
  hidden?: readonly (readonly [name: string, value: string])[];
  /** The name of the field that nobody sees. */
  trap?: string;
  /** What is said above the form: that it could not be saved, or that it is being checked. */
  said?: TextKey | null;
  /** In a frame of another site, where nothing may take the focus by itself. */
  isFramed?: boolean;
  /** For the page's script: `again`: sends it again by itself; `proof`: the browser has to work a little before it is sent, `now` at once. */
  script?: { again?: boolean; proof?: 'before' | 'now'; url?: string };
};

const attribute = (name: string, value: string | number | false): string =>
  value === false ? '' : ` ${name}="${escapeHtml(String(value))}"`;

/** The form: one step of it. */
export function renderForm(document: FormDocument, view: FormView): string {
  const { values = NOTHING_ENTERED, problems = [], hidden = [], said = null, script = {} } = view;
  const shown = shownIds(document, values);
  const steps = stepsToShow(document, shown);
  const at = Math.max(
    steps.findIndex(({ id }) => id === view.stepId),
    0,
  );
  const step = steps[at]!;
  const isLast = at === steps.length - 1;
  const text = (key: TextKey, given?: Record<string, string | number>) => escapeHtml(textOf(document, key, given));
  // What is hidden by an answer in the same step is there: the style shows it when that changes.
  const decided = new Set(step.elements.map(({ id }) => id));
  const elements = step.elements.filter((element) => shown.has(element.id) || isDecidedHere(element, decided));
  const first = elements.find(({ kind }) => kind === 'heading');
  const focus = view.isFramed ? '' : ' autofocus';
  const parts = [
    view.brand.logo === null || !document.look.logo ? '' : logo(view.brand.logo),
    summary(document, problems, step, focus),
    said === null ? '' : `<div class="s" id="said" role="status" tabindex="-1"${focus}><p>${text(said)}</p></div>`,
    steps.length > 1 ? progress(document, steps, at, first === undefined) : '',
    ...elements.map((element) => renderElement(document, element, values, problems, element === first ? 'h1' : 'h2')),
    carried(document, step, values),
    field(FIELDS.step, step.id),
    ...hidden.map(([name, value]) => field(name, value)),
    view.trap === undefined
      ? ''
      : `<div class="x" aria-hidden="true"><label>${text('leaveEmpty')} <input name="${view.trap}" tabindex="-1" autocomplete="off"></label></div>`,
    `<div class="b"><button name="${FIELDS.go}" value="next">${text(isLast ? 'submit' : 'next')}</button>`,
    at > 0 ? `<button class="k" name="${FIELDS.go}" value="back">${text('back')}</button>` : '',
    '</div>',
    '<p class="z" id="state" role="status"></p>',
  ];
  const own = [
    attribute('action', view.action),
    script.again ? ' data-again' : '',
    attribute('data-proof', script.proof ?? false),
    attribute('data-url', script.url ?? false),
    attribute('data-later', textOf(document, 'later')),
    attribute('data-checking', script.proof ? textOf(document, 'checking') : false),
  ].join('');
  return `<form method="post" novalidate${own}>${parts.join('')}</form>`;
}

const field = (name: string, value: string): string =>
  `<input type="hidden" name="${name}"${attribute('value', value)}>`;

const isDecidedHere = ({ shownIf }: Element, here: ReadonlySet<string>): boolean =>
  shownIf !== null && here.has(shownIf.elementId);

function logo({ source, alt, width }: NonNullable<FormBrand['logo']>): string {
  return `<img src="${escapeHtml(source)}" alt="${escapeHtml(alt)}" width="${width}">`;
}

/** What is wrong, above the form, with links to where; gets the focus. */
function summary(
  document: FormDocument,
  problems: readonly AnswerProblem[],
  { elements }: Step,
  focus: string,
): string {
  const here = problems.flatMap((problem) => {
    const element = elements.find(({ id }) => id === problem.elementId);
    return element && isAsking(element) ? [{ problem, element }] : [];
  });
  if (here.length === 0) return '';
  const items = here.map(
    ({ problem, element }) =>
      `<li><a href="#${firstId(element)}">${escapeHtml(nameOf(element))}: ${escapeHtml(textOf(document, problem.key, problem.values))}</a></li>`,
  );
  return `<div class="s" role="alert" tabindex="-1"${focus} id="said"><h2>${escapeHtml(textOf(document, 'problems'))}</h2><ul>${items.join('')}</ul></div>`;
}

const nameOf = (element: Asking): string => (element.kind === 'hidden' ? element.parameter : element.label);

/** Where a link to an element leads: the first thing of it that takes the focus. */
function firstId(element: Asking): string {
  const isList = element.kind === 'input' && ['choice', 'several', 'yesno'].includes(element.type) && !isMenu(element);
  return `e-${element.id}${isList ? '-0' : ''}`;
}

/** How far it is. The title of a step without a heading is its heading. */
function progress(document: FormDocument, steps: readonly Step[], at: number, isHeading: boolean): string {
  const { title } = steps[at]!;
  const said = escapeHtml(textOf(document, 'step', { step: at + 1, steps: steps.length }));
  const beside = title === '' || isHeading ? '' : ` · <bdi>${escapeHtml(title)}</bdi>`;
  const heading = title === '' || !isHeading ? '' : `<h1 dir="auto">${escapeHtml(title)}</h1>`;
  return `<p class="n">${said}${beside}</p><progress value="${at + 1}" max="${steps.length}" aria-hidden="true"></progress>${heading}`;
}

/** What was entered in other steps, and what came with the address. */
function carried(document: FormDocument, step: Step, values: Entered): string {
  const here = new Set(step.elements.filter(({ kind }) => kind !== 'hidden').map(({ id }) => id));
  return elementsOf(document)
    .filter(({ id }) => !here.has(id))
    .flatMap(({ id }) => (values.get(id) ?? []).map((value) => field(id, value)))
    .join('');
}

function renderElement(
  document: FormDocument,
  element: Element,
  values: Entered,
  problems: readonly AnswerProblem[],
  heading: 'h1' | 'h2',
): string {
  const content = renderContent(document, element, values.get(element.id) ?? [], problems, heading);
  if (content === '') return '';
  const plain = element.kind === 'heading' || element.kind === 'text' || element.kind === 'image';
  if (plain && element.shownIf === null) return content;
  return `<div${plain ? '' : ' class="w"'}${element.shownIf === null ? '' : ` id="w-${element.id}"`}>${content}</div>`;
}

function renderContent(
  document: FormDocument,
  element: Element,
  entered: readonly string[],
  problems: readonly AnswerProblem[],
  heading: 'h1' | 'h2',
): string {
  switch (element.kind) {
    case 'heading':
      return `<${heading} dir="auto">${escapeHtml(element.text)}</${heading}>`;
    case 'text':
      return paragraphs(element.text) + (element.link === null ? '' : `<p>${link(element.link)}</p>`);
    case 'image':
      return element.source === ''
        ? ''
        : `<img src="${escapeHtml(element.source)}" alt="${escapeHtml(element.alt)}" width="${element.width}">`;
    case 'hidden':
      return '';
    case 'consent':
    case 'terms': {
      const { error, about } = errorOf(document, element, problems);
      const required = element.kind === 'terms' || element.required;
      const state = [
        isTicked(entered) ? ' checked' : '',
        required ? ' required' : '',
        error === '' ? '' : ' aria-invalid="true"',
        attribute('aria-describedby', about),
      ].join('');
      return `${error}<label class="c"><input type="checkbox" id="e-${element.id}" name="${element.id}" value="${YES}"${state}><span dir="auto">${escapeHtml(element.label)}</span></label>${element.link === null ? '' : `<p class="h">${link(element.link)}</p>`}`;
    }
    case 'input':
      return renderInput(document, element, entered, problems);
  }
}

/** Paragraphs are separated by an empty line. */
export const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => `<p dir="auto">${escapeHtml(part).replaceAll('\n', '<br>')}</p>`)
    .join('');

/** Opens beside the form, so that what was entered stays. */
const link = ({ label, address }: { label: string; address: string }): string =>
  `<a href="${escapeHtml(address)}" target="_blank" rel="noopener" dir="auto">${escapeHtml(label)}</a>`;

const optional = (document: FormDocument, required: boolean): string =>
  required ? '' : ` <span class="o">${escapeHtml(textOf(document, 'optional'))}</span>`;

/** The error beside a field, and what the field is described by: `false` if by nothing. */
function errorOf(
  document: FormDocument,
  element: Asking,
  problems: readonly AnswerProblem[],
): { error: string; about: string | false } {
  const problem = problems.find(({ elementId }) => elementId === element.id);
  const help = element.kind === 'input' && element.help !== '' ? `h-${element.id}` : '';
  const error = problem
    ? `<p class="e" id="p-${element.id}">${escapeHtml(textOf(document, problem.key, problem.values))}</p>`
    : '';
  const about = [help, problem ? `p-${element.id}` : ''].filter((id) => id !== '').join(' ');
  return { error, about: about === '' ? false : about };
}

function renderInput(
  document: FormDocument,
  input: Input,
  entered: readonly string[],
  problems: readonly AnswerProblem[],
): string {
  const { error, about } = errorOf(document, input, problems);
  const label = `${escapeHtml(input.label)}${optional(document, input.required)}`;
  const help = input.help === '' ? '' : `<p class="h" id="h-${input.id}" dir="auto">${escapeHtml(input.help)}</p>`;
  const state = [
    input.required ? ' required' : '',
    error === '' ? '' : ' aria-invalid="true"',
    attribute('aria-describedby', about),
  ].join('');
  if (!['choice', 'several', 'yesno'].includes(input.type) || isMenu(input)) {
    return `<label for="e-${input.id}" dir="auto">${label}</label>${help}${error}${control(document, input, entered, state)}`;
  }
  return `<fieldset${attribute('aria-describedby', about)}><legend dir="auto">${label}</legend>${help}${error}${choices(document, input, entered, error !== '')}</fieldset>`;
}

function control(document: FormDocument, input: Input, entered: readonly string[], state: string): string {
  const named = `class="i" id="e-${input.id}" name="${input.id}"${state}`;
  const value = entered[0] ?? '';
  const filled = attribute('value', value === '' ? false : value);
  switch (input.type) {
    case 'lines':
      // A line break that begins the text would be lost: HTML leaves out the first one.
      return `<textarea ${named} rows="5" maxlength="${textMaxOf(input)}" dir="auto">\n${escapeHtml(value)}</textarea>`;
    case 'choice': {
      const options = input.choices.map(
        (choice) =>
          `<option${attribute('value', choice.value)}${choice.value === value ? ' selected' : ''}>${escapeHtml(choice.label || choice.value)}</option>`,
      );
      return `<select ${named}><option value="">${escapeHtml(textOf(document, 'choose'))}</option>${options.join('')}</select>`;
    }
    default:
      return `<input ${named}${kindOf(input)}${filled}>`;
  }
}

function kindOf({ type, autofill }: Input): string {
  switch (type) {
    case 'email':
      return ' type="email" autocomplete="email" spellcheck="false" autocapitalize="none" maxlength="320" dir="ltr"';
    case 'mobile':
      return ' type="tel" autocomplete="tel" maxlength="40" dir="ltr"';
    case 'number':
      // A browser's own field for numbers forgets what it cannot read.
      return ' inputmode="decimal" autocomplete="off" maxlength="64"';
    case 'date':
      return ` type="date"${attribute('autocomplete', autofill ?? false)}`;
    default:
      return ` type="text" maxlength="${TEXT_MAX}" dir="auto"${attribute('autocomplete', autofill ?? false)}`;
  }
}

function choices(document: FormDocument, input: Input, entered: readonly string[], wrong: boolean): string {
  const type = input.type === 'several' ? 'checkbox' : 'radio';
  const offered =
    input.type === 'yesno'
      ? [
          { value: YES, label: textOf(document, 'yes') },
          { value: NO, label: textOf(document, 'no') },
        ]
      : input.choices;
  return offered
    .map(({ value, label }, place) => {
      const state = `${entered.includes(value) ? ' checked' : ''}${type === 'radio' && input.required ? ' required' : ''}${wrong ? ' aria-invalid="true"' : ''}`;
      return `<label class="c"><input type="${type}" id="e-${input.id}-${place}" name="${input.id}"${attribute('value', value)}${state}><span dir="auto">${escapeHtml(label || value)}</span></label>`;
    })
    .join('');
}
