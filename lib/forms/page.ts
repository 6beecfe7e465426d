// The pages around a form: the form itself, and what is said instead of it. Imports no server code, so that the builder's preview shows the same.
import { escapeHtml } from '@/lib/text/escape-html';
import type { Look } from './look';
import { paragraphs, renderForm, type FormView } from './render';
import { elementsOf, type FormDocument } from './schema';
import { conditionsStyle, styleOf, type FormBrand } from './style';
import { directionOf, textOf, type Language } from './texts';

export type PageFrame = {
  language: Language;
  title: string;
  style: string;
  /** In a page of others: the name of the frame, or '' if nothing there listens. */
  frame?: string;
  /** Whether it follows on a page of the same form: a frame is scrolled to its beginning. */
  isAgain?: boolean;
  /** The address of the page's script; none: it has none. */
  script?: string;
};

/** A whole page. */
export function renderPage({ language, title, style, frame, isAgain, script }: PageFrame, content: string): string {
  return `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style>${script === undefined ? '' : `<script src="${escapeHtml(script)}" defer></script>`}</head><body${frame === undefined ? '' : ` class="in" data-frame="${escapeHtml(frame)}"`}${isAgain ? ' data-again' : ''}><main>${content}</main></body></html>`;
}

/** The style of all pages of a form. */
export const styleOfForm = (document: FormDocument, brand: FormBrand): string =>
  styleOf(document.look, brand) + conditionsStyle(document);

/** What a form is called on its page: its first heading. The name of a form is for its authors. */
export function titleOf(document: FormDocument, sectionName: string): string {
  const heading = elementsOf(document).find((element) => element.kind === 'heading');
  return heading?.kind === 'heading' && heading.text.trim() !== '' ? heading.text.trim() : sectionName;
}

/** A form's page as its visitors see it, for a preview. */
export const previewOf = (
  document: FormDocument,
  { sectionName, ...view }: Omit<FormView, 'action'> & { sectionName: string },
): string =>
  renderPage(
    {
      language: document.language,
      title: titleOf(document, sectionName),
      style: styleOfForm(document, view.brand),
    },
    renderForm(document, { ...view, action: '' }),
  );

/** What is said instead of a form. `more`: HTML below it. */
export const renderNote = (title: string, text: string, more = ''): string =>
  `<h1 dir="auto" id="said" tabindex="-1">${escapeHtml(title)}</h1>${paragraphs(text)}${more}`;

/** What is said after sending; of an address where the visitor goes on. */
export function afterOf(document: FormDocument): { title: string; text: string } {
  if (document.optIn.on) return { title: textOf(document, 'checkMail'), text: textOf(document, 'checkMailText') };
  const { title, text } = document.after.kind === 'message' ? document.after : { title: '', text: '' };
  return { title: title || textOf(document, 'thanks'), text: text || textOf(document, 'received') };
}

/** What is said once somebody has confirmed: the form's own message after sending, if it has one. */
export function confirmedOf(document: FormDocument): { title: string; text: string } {
  const { title, text } = document.after.kind === 'message' ? document.after : { title: '', text: '' };
  return { title: title || textOf(document, 'confirmed'), text: text || textOf(document, 'confirmedText') };
}

/** The look of pages about forms that are not there. */
export const PLAIN_LOOK: Look = { accent: null, font: 'system', corners: 'round', scheme: 'auto', logo: false };
