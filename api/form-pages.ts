// The pages of public forms as answers: what is the same for everybody is made once for each version, so that showing a form needs neither a statement nor
// much work.
import { createHash } from 'node:crypto';
import type { Confirmation } from '@/lib/forms/confirm';
import type { OpenForm } from '@/lib/forms/open';
import { afterOf, confirmedOf, PLAIN_LOOK, renderNote, renderPage, styleOfForm, titleOf } from '@/lib/forms/page';
import { PAGE_SCRIPT, SOLVER } from '@/lib/forms/page-script';
import { pageToken, trapOf } from '@/lib/forms/page-token';
import { FIELDS, renderForm, type FormView } from '@/lib/forms/render';
import type { Answers, FormDocument } from '@/lib/forms/schema';
import { NOTHING_ENTERED, type Entered } from '@/lib/forms/shown';
import { styleOf } from '@/lib/forms/style';
import { textOf, type Language, type TextKey } from '@/lib/forms/texts';
import { BrandSchema } from '@/lib/mail-document/schema';
import { escapeHtml } from '@/lib/text/escape-html';
import { formPath } from '@/lib/forms/address';

export type PageAnswer = { status: number; headers: Record<string, string>; body: string };

export const SCRIPT_PATH = '/f/form.js';
export const SOLVER_PATH = '/f/solve.js';
const SCRIPT_ADDRESS = `${SCRIPT_PATH}?v=${PAGE_SCRIPT.version}`;
const SOLVER_ADDRESS = `${SOLVER_PATH}?v=${SOLVER.version}`;

/** Where a visitor came from: the host of another site, and the frame on it. */
export type Visitor = { referrer: string; frame: string | undefined };

const policyOf = (style: string, { ancestors, pictures = '' }: { ancestors: string; pictures?: string }): string =>
  [
    `default-src 'none'`,
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    `script-src 'self'`,
    `worker-src 'self'`,
    `connect-src 'self'`,
    `img-src 'self' data:${pictures}`,
    // The page where a visitor goes on after sending is another site's, and so may be the ones that it leads to.
    `form-action 'self' https: http:`,
    `base-uri 'none'`,
    `frame-ancestors ${ancestors}`,
  ].join('; ');

const headersOf = (policy: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
  // Asked for again each time, but kept for the way back, with what was entered.
  'cache-control': 'private, no-cache',
});

const ancestorsOf = ({ hosts }: FormDocument): string => ["'self'", ...hosts].join(' ');

/** Where the logo is, if it was not uploaded here. */
const picturesOf = ({ document, brand }: OpenForm): string =>
  document.look.logo && brand.logo && URL.canParse(brand.logo.source) ? ` ${new URL(brand.logo.source).origin}` : '';

/** Stands for what differs between two visits. */
const VARYING = `<input type="hidden" name="${FIELDS.token}" value="">`;

type Prepared = {
  style: string;
  headers: Record<string, string>;
  open?: readonly [string, string];
  framed?: readonly [string, string];
};
const prepared = new WeakMap<OpenForm, Prepared>();

function preparedOf(form: OpenForm): Prepared {
  let known = prepared.get(form);
  if (!known) {
    const style = styleOfForm(form.document, form.brand);
    prepared.set(
      form,
      (known = {
        style,
        headers: headersOf(policyOf(style, { ancestors: ancestorsOf(form.document), pictures: picturesOf(form) })),
      }),
    );
  }
  return known;
}

const field = (name: string, value: string): string =>
  `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;

/** The form as somebody opens it. `parameters`: what its address says. */
export function openPage(form: OpenForm, { referrer, frame }: Visitor, parameters: Entered, now: Date): PageAnswer {
  const known = preparedOf(form);
  const kind = frame === undefined ? 'open' : 'framed';
  const [before, after] = (known[kind] ??= partsOf(form, known.style, kind === 'framed'));
  const own = [field(FIELDS.token, pageToken(form, now))];
  if (referrer !== '') own.push(field(FIELDS.referrer, referrer));
  if (frame !== undefined) own.push(field(FIELDS.frame, frame));
  for (const [id, values] of parameters) own.push(...values.map((value) => field(id, value)));
  const text = before + own.join('') + after;
  return {
    status: 200,
    headers: known.headers,
    body: frame === undefined ? text : text.replace('data-frame=""', `data-frame="${escapeHtml(frame)}"`),
  };
}

function partsOf(form: OpenForm, style: string, isFramed: boolean): readonly [string, string] {
  const view = viewOf(form, { values: NOTHING_ENTERED, hidden: [[FIELDS.token, '']] });
  const page = pageOf(form, style, renderForm(form.document, view), { frame: isFramed ? '' : undefined });
  const [before, after] = page.split(VARYING);
  if (before === undefined || after === undefined) throw new Error('The page of a form has no place for its token.');
  return [before, after];
}

function viewOf(form: OpenForm, more: Partial<FormView>): FormView {
  const { document, brand } = form;
  return {
    action: formPath(form),
    brand,
    trap: trapOf(form),
    script: { url: SOLVER_ADDRESS, ...(document.proof === 'always' && { proof: 'before' }) },
    ...more,
  };
}

function pageOf(
  { document, sectionName }: OpenForm,
  style: string,
  content: string,
  more: { frame: string | undefined; isAgain?: boolean },
): string {
  const title = titleOf(document, sectionName);
  return renderPage({ language: document.language, title, style, script: SCRIPT_ADDRESS, ...more }, content);
}

/** What a page that follows on one of the same form has of its own. */
export type Following = Visitor & {
  token: string;
  entered: Entered;
  /** How far the visitor has come. */
  begun: string;
  status?: number;
  tries?: string;
} & Pick<FormView, 'stepId' | 'problems' | 'said'> & { script?: FormView['script'] };

/** The form again, with all that was entered. */
export function followingPage(form: OpenForm, following: Following): PageAnswer {
  const { token, entered, referrer, frame, begun, tries, status = 200, script, ...shown } = following;
  const { style, headers } = preparedOf(form);
  const hidden: [string, string][] = [
    [FIELDS.token, token],
    [FIELDS.begun, begun],
  ];
  if (referrer !== '') hidden.push([FIELDS.referrer, referrer]);
  if (frame !== undefined) hidden.push([FIELDS.frame, frame]);
  if (tries !== undefined) hidden.push([FIELDS.tries, tries]);
  const own = viewOf(form, { values: entered, hidden, isFramed: frame !== undefined, ...shown });
  const view = { ...own, script: { ...own.script, ...script } };
  return {
    status,
    headers: status === 503 || status === 429 ? { ...headers, 'retry-after': status === 503 ? '5' : '60' } : headers,
    body: pageOf(form, style, renderForm(form.document, view), { frame, isAgain: true }),
  };
}

/** Something that is said in the place of a form, in its look. `isAgain`: after sending. One that stands there at once takes no focus from the page around it. */
export function notePage(
  form: OpenForm,
  status: number,
  { title, text, more }: { title: string; text: string; more?: string },
  { frame, isAgain }: { frame: string | undefined; isAgain: boolean },
): PageAnswer {
  const { style, headers } = preparedOf(form);
  return { status, headers, body: pageOf(form, style, renderNote(title, text, more), { frame, isAgain }) };
}

/** After sending. */
export const donePage = (form: OpenForm, frame: string | undefined): PageAnswer =>
  notePage(form, 200, afterOf(form.document), { frame, isAgain: true });

/** The same where the visitor goes on elsewhere: a frame cannot lead the page around it there, but its script, or a link, can. */
export function goOnPage(form: OpenForm, address: string, frame: string): PageAnswer {
  const label = escapeHtml(textOf(form.document, 'goOn'));
  const more = `<p><a class="go" href="${escapeHtml(address)}" target="_top">${label}</a></p>`;
  return notePage(form, 200, { ...afterOf(form.document), more }, { frame, isAgain: true });
}

export const closedPage = (form: OpenForm, frame: string | undefined): PageAnswer =>
  notePage(
    form,
    410,
    { title: textOf(form.document, 'closed'), text: textOf(form.document, 'closedText') },
    { frame, isAgain: false },
  );

const CONFIRMATIONS: Record<Confirmation['is'], { status: number; title: TextKey; text: TextKey }> = {
  open: { status: 200, title: 'confirm', text: 'confirmText' },
  confirmed: { status: 200, title: 'confirmed', text: 'confirmedText' },
  expired: { status: 410, title: 'expired', text: 'expiredText' },
  gone: { status: 200, title: 'gone', text: 'goneText' },
};

/** What the link in a mail leads to: one button, or what has become of it. It is nobody else's page, so it stands in no frame and tells no other site. */
export function confirmPage({ is, document, sectionName, brand, address }: Confirmation, path: string): PageAnswer {
  const { status, title, text } = CONFIRMATIONS[is];
  const style = styleOf(document.look, brand);
  const said = (key: TextKey) => textOf(document, key, { address: address ?? '' });
  const thanks = confirmedOf(document);
  const button = `<form method="post" action="${escapeHtml(path)}"><div class="b"><button>${escapeHtml(said('confirmButton'))}</button></div></form>`;
  return {
    status,
    headers: {
      ...headersOf(policyOf(style, { ancestors: "'none'" })),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
    body: renderPage(
      { language: document.language, title: `${said(title)} · ${sectionName}`, style },
      is === 'confirmed'
        ? renderNote(thanks.title, thanks.text)
        : renderNote(said(title), said(text), is === 'open' ? button : ''),
    ),
  };
}

const PLAIN_STYLE = styleOf(PLAIN_LOOK, BrandSchema.parse({ background: '#ffffff', accent: '#0a5751' }));
const PLAIN_HEADERS = {
  ...headersOf(policyOf(PLAIN_STYLE, { ancestors: '*' })),
  'cache-control': 'no-store',
};

/** A page about a form that is not there. */
export function plainPage(status: number, language: Language, title: TextKey, text: TextKey): PageAnswer {
  const said = (key: TextKey) => textOf({ language, texts: {} }, key);
  return {
    status,
    headers: status === 503 ? { ...PLAIN_HEADERS, 'retry-after': '5' } : PLAIN_HEADERS,
    body: renderPage({ language, title: said(title), style: PLAIN_STYLE }, renderNote(said(title), said(text))),
  };
}

/** Characters of an address that every server on the way takes in a header, and every browser follows. */
const AFTER_MAX = 3_000;

/** Where a visitor goes on, with the answers that the form passes on, without those that are too long for it. */
export function addressAfter({ after }: FormDocument, answers: Answers): string | null {
  if (after.kind !== 'address' || after.address === '') return null;
  const address = new URL(after.address);
  for (const { name, elementId } of after.parameters) {
    const answer = Object.hasOwn(answers, elementId) ? answers[elementId]! : undefined;
    if (answer === undefined) continue;
    const text = Array.isArray(answer)
      ? answer.join(',')
      : typeof answer === 'boolean'
        ? answer
          ? 'yes'
          : 'no'
        : answer;
    const before = address.search;
    address.searchParams.set(name, text);
    if (address.href.length > AFTER_MAX) address.search = before;
  }
  return address.href;
}
