// What is put into another website to show a form there: a frame that follows the form's height, a plain frame, or a form of the website's own.
import { escapeHtml } from '@/lib/text/escape-html';
import { FRAME_PARAMETER } from './render';
import { elementsOf, type Consent, type FormDocument, type Input, type Terms } from './schema';
import { YES, NO } from './shown';
import { textOf } from './texts';

export type Shared = {
  /** Of the installation: https://news.example.com. */
  origin: string;
  /** Of the form: /f/3-k7mq2x9hfa. */
  path: string;
  /** For people who cannot see the frame. */
  title: string;
};

const FRAME_HEIGHT = 700;

/** A link, which the script replaces by a frame. Without a script the link remains. What the form takes with its address, it takes from the page's. */
export const scriptSnippet = ({ origin, path, title }: Shared, document: FormDocument): string =>
  [
    `<div data-tagwell-form="${escapeHtml(path)}"${parametersOf(document)}>`,
    `  <a href="${escapeHtml(origin + path)}">${escapeHtml(title)}</a>`,
    '</div>',
    `<script src="${escapeHtml(origin)}/embed.js" async></script>`,
  ].join('\n');

function parametersOf(document: FormDocument): string {
  const names = elementsOf(document).flatMap((element) =>
    element.kind === 'hidden' && element.parameter !== '' ? [element.parameter] : [],
  );
  return names.length === 0 ? '' : ` data-parameters="${escapeHtml(names.join(' '))}"`;
}

/** A frame of a fixed height. */
export const frameSnippet = ({ origin, path, title }: Shared): string =>
  `<iframe src="${escapeHtml(`${origin}${path}?${FRAME_PARAMETER}=1`)}" title="${escapeHtml(title)}" loading="lazy" style="width:100%;height:${FRAME_HEIGHT}px;border:0"></iframe>`;

/** A plain form, for those who style it themselves. All steps are in it; conditions are looked at when it is sent. */
export function htmlSnippet({ origin, path }: Shared, document: FormDocument): string {
  const fields = elementsOf(document).flatMap((element): string[] => {
    switch (element.kind) {
      case 'input':
        return inputLines(element, document);
      case 'consent':
      case 'terms': {
        const required = isAlwaysRequired(element) ? ' required' : '';
        return [
          `  <label><input type="checkbox" name="${element.id}" value="${YES}"${required}> ${escapeHtml(element.label)}</label>`,
        ];
      }
      case 'hidden':
        return [`  <input type="hidden" name="${element.id}" value="">`];
      default:
        return [];
    }
  });
  return [
    `<form action="${escapeHtml(origin + path)}" method="post" accept-charset="utf-8">`,
    ...fields,
    `  <button>${escapeHtml(textOf(document, 'submit'))}</button>`,
    '</form>',
  ].join('\n');
}

/** A browser sends nothing while a required answer is missing: where a condition decides, only we can say so. */
const isAlwaysRequired = (element: Input | Consent | Terms): boolean =>
  (element.kind === 'terms' || element.required) && element.shownIf === null;

function inputLines(input: Input, document: FormDocument): string[] {
  const label = escapeHtml(input.label);
  const required = isAlwaysRequired(input) ? ' required' : '';
  const named = `name="${input.id}"${required}`;
  const listed = (type: 'radio' | 'checkbox', answers: { value: string; label: string }[]) => [
    '  <fieldset>',
    `    <legend>${label}</legend>`,
    ...answers.map(
      (answer) =>
        `    <label><input type="${type}" name="${input.id}" value="${escapeHtml(answer.value)}"${type === 'radio' ? required : ''}> ${escapeHtml(answer.label || answer.value)}</label>`,
    ),
    '  </fieldset>',
  ];
  switch (input.type) {
    case 'several':
      return listed('checkbox', input.choices);
    case 'yesno':
      return listed('radio', [
        { value: YES, label: textOf(document, 'yes') },
        { value: NO, label: textOf(document, 'no') },
      ]);
    case 'choice':
      if (input.look === 'list') return listed('radio', input.choices);
      return [
        `  <label>${label}`,
        `    <select ${named}>`,
        `      <option value="">${escapeHtml(textOf(document, 'choose'))}</option>`,
        ...input.choices.map(
          (choice) =>
            `      <option value="${escapeHtml(choice.value)}">${escapeHtml(choice.label || choice.value)}</option>`,
        ),
        '    </select>',
        '  </label>',
      ];
    case 'lines':
      return [`  <label>${label} <textarea ${named}></textarea></label>`];
    default:
      return [`  <label>${label} <input type="${HTML_TYPES[input.type]}" ${named}></label>`];
  }
}

const HTML_TYPES = { text: 'text', email: 'email', mobile: 'tel', number: 'text', date: 'date' } as const;
