// Public forms (lib/forms): plain HTML that works without script, cookies or anything of a third party. Not a part of the API for clients: anyone who has the
// address may fill in the form.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { originOf } from '@/lib/access/origin';
import { neighbourhoodOf } from '@/lib/config/address-range';
import { FORMS } from '@/lib/config/limits';
import { unavailableReason } from '@/lib/db/condition';
import { readFormPath } from '@/lib/forms/address';
import { confirmSubmission, readConfirmation, type Confirmation } from '@/lib/forms/confirm';
import { formCounts } from '@/lib/forms/counts';
import { openForm, type OpenForm } from '@/lib/forms/open';
import { EMBED_SCRIPT, PAGE_SCRIPT, SOLVER } from '@/lib/forms/page-script';
import { pageToken } from '@/lib/forms/page-token';
import { isProgram } from '@/lib/forms/programs';
import { makeChallenge } from '@/lib/forms/proof';
import { FIELDS, FRAME_PARAMETER } from '@/lib/forms/render';
import { enteredIn, NOTHING_ENTERED } from '@/lib/forms/shown';
import { filledIn, submit, withParameters, type Outcome } from '@/lib/forms/submit';
import { languageFor } from '@/lib/forms/texts';
import { CONFIRM_PATH } from '@/lib/forms/token';
import type { ApiContext, ApiEnvironment } from './context';
import {
  addressAfter,
  closedPage,
  confirmPage,
  donePage,
  followingPage,
  goOnPage,
  openPage,
  plainPage,
  SCRIPT_PATH,
  SOLVER_PATH,
  type PageAnswer,
  type Visitor,
} from './form-pages';
import { Minutes } from './minutes';

export const EMBED_PATH = '/embed.js';
export const FORMS_PATH = /^\/(?:f\/|embed\.js(?:[?#]|$))/;

/** The page of one form. */
export const SHOWN_FORM = /^\/f\/[0-9a-z]+-[a-z0-9]+(?:[?#]|$)/;

const FORM = '/f/:form{[0-9a-z]+-[a-z0-9]+}';
/** The name of a frame, as embed.js makes it. */
const FRAME = /^[a-z0-9]{1,40}$/;
const HOST = /^[a-z0-9.-]{1,253}(?::\d{1,5})?$/;
const DAY_SECONDS = 86_400;
const CONFIRM_LENGTH = 36;

type OnError = (error: unknown) => void;

export function addForms(api: OpenAPIHono<ApiEnvironment>, onError: OnError): void {
  formCounts.onFailed = onError;
  const provers = new Minutes(FORMS.challengesPerNetwork);

  for (const [path, { text }, seconds] of [
    [SCRIPT_PATH, PAGE_SCRIPT, 365 * DAY_SECONDS],
    [SOLVER_PATH, SOLVER, 365 * DAY_SECONDS],
    // Its address stands in pages of others, so a new one is seen soon.
    [EMBED_PATH, EMBED_SCRIPT, 600],
  ] as const) {
    api.get(path, () => scriptAnswer(text, seconds));
  }

  api.get(FORM, async (context) => {
    const { url, headers } = context.req.raw;
    const { pathname, search } = new URL(url);
    return responseOf(await showForm(`${pathname}${search}`, headersOf(headers), context.req.method));
  });

  api.get(`${FORM}/done`, async (context) => {
    const found = await formOf(context);
    return responseOf('status' in found ? found : donePage(found, frameIn(new URL(context.req.url).searchParams)));
  });

  api.get(`${FORM}/proof`, async (context) => {
    const found = await formOf(context);
    if ('status' in found) return responseOf(found);
    if (!provers.take(networkOf(context))) return new Response(null, { status: 429, headers: { 'retry-after': '60' } });
    return Response.json(await makeChallenge(found, new Date()), { headers: { 'cache-control': 'no-store' } });
  });

  api.post(`${FORM}/begun`, async (context) => {
    const found = await formOf(context);
    const agent = context.req.header('user-agent') ?? '';
    if (!('status' in found) && !isProgram(agent) && provers.take(`begun ${networkOf(context)}`))
      countBegun(found, siteIn(await context.req.text()));
    return new Response(null, { status: 204 });
  });

  api.post(FORM, async (context) => {
    const { url, headers } = context.req.raw;
    const { pathname, search } = new URL(url);
    const body = await textOfBody(context);
    return responseOf(await sendForm({ url: `${pathname}${search}`, body, ...sentHeadersOf(headers) }, onError));
  });

  const confirmers = new Minutes(FORMS.confirmationsPerNetwork);
  const confirmation = async (
    context: ApiContext,
    find: (token: string, now: Date) => Promise<Confirmation | null>,
  ) => {
    const languages = context.req.header('accept-language') ?? '';
    const tooMany = () => plainPage(429, languageFor(languages), 'tooMany', 'downText');
    if (!confirmers.take(networkOf(context))) return responseOf(tooMany());
    // Without what scanners append.
    const token = context.req.path.slice(CONFIRM_PATH.length).slice(0, CONFIRM_LENGTH);
    try {
      const found = await find(token, new Date());
      return responseOf(found ? confirmPage(found, `${CONFIRM_PATH}${token}`) : unknownLink(languages));
    } catch (error) {
      if (unavailableReason(error) === null) throw error;
      return responseOf(plainPage(503, languageFor(languages), 'down', 'downText'));
    }
  };
  // Programs that guard mailboxes open every link, so nothing is confirmed by that: only the button does it.
  api.get(`${CONFIRM_PATH}:token{.+}`, (context) => confirmation(context, readConfirmation));
  api.post(`${CONFIRM_PATH}:token{.+}`, (context) => confirmation(context, confirmSubmission));

  api.all('/f/*', (context) => responseOf(unknownPage(context.req.header('accept-language') ?? '')));
}

/** A form that somebody sends. `address`: theirs. */
export type SentRequest = { url: string; body: string; agent: string; languages: string; address: string | null };

const senders = new Minutes(FORMS.perNetwork);

/**
 * Takes what somebody sends by a form's page, and answers with a page or where to go on: called with the server's own requests too. Never rejects: whatever
 * fails, what was entered is in the answer.
 */
export async function sendForm({ url, body, ...by }: SentRequest, onError: OnError): Promise<PageAnswer> {
  const { agent, languages } = by;
  const [path = '', search = ''] = url.split('?', 2);
  const found = await findForm(path, languages).catch((error: unknown) => {
    onError(error);
    return plainPage(500, languageFor(languages), 'down', 'downText');
  });
  if ('status' in found) return found;
  const [sent, query] = [new URLSearchParams(body), new URLSearchParams(search)];
  const frame = frameIn(sent, FIELDS.frame);
  if (!found.isOpen) return closedPage(found, frame);
  const visitor = { referrer: siteIn(sent.get(FIELDS.referrer) ?? ''), frame };
  const now = new Date();
  const again = async (status: 429 | 500 | 503) => {
    // Where the version that was filled in cannot be read, at least what the present one has in common with it.
    const filled = await filledIn(found, sent, now).catch(() => null);
    const form = filled?.form ?? found;
    return followingPage(form, {
      ...visitor,
      token: (filled?.page && sent.get(FIELDS.token)) || pageToken(form, now),
      entered: withParameters(form, enteredIn(form.document, sent), query),
      begun: sent.get(FIELDS.begun) ?? '0',
      stepId: sent.get(FIELDS.step) ?? undefined,
      said: status === 429 ? 'tooManyText' : 'later',
      status,
      tries: sent.get(FIELDS.tries) ?? '0',
      script: { again: status === 503 },
    });
  };
  const network = neighbourhoodOf(by.address);
  if (!senders.take(network)) return again(429);
  try {
    const outcome = await submit(found, { sent, query, agent, network, referrer: visitor.referrer, now });
    return answerTo(outcome, visitor, { sent, agent, now });
  } catch (error) {
    // Whatever it is: what was entered is in the page, and can be sent again.
    const isAway = unavailableReason(error) !== null;
    if (!isAway) onError(error);
    return again(isAway ? 503 : 500);
  }
}

type Counted = { sent: URLSearchParams; agent: string; now: Date };

function answerTo(outcome: Outcome, visitor: Visitor, counted: Counted): PageAnswer {
  const { form, token, entered } = outcome;
  const begun = countSteps(outcome, visitor, counted);
  const following = { ...visitor, token, entered, begun };
  switch (outcome.is) {
    case 'shown': {
      const { stepId, problems } = outcome;
      return followingPage(form, { ...following, stepId, problems, status: problems.length > 0 ? 422 : 200 });
    }
    case 'to-prove':
      return followingPage(form, {
        ...following,
        ...{ stepId: outcome.stepId, said: 'checking', script: { proof: 'now' } },
      });
    case 'taken': {
      const address = addressAfter(form.document, outcome.answers);
      if (address !== null && visitor.frame !== undefined) return goOnPage(form, address, visitor.frame);
      const frame = visitor.frame === undefined ? '' : `?${FRAME_PARAMETER}=${visitor.frame}`;
      const location = address ?? `${pathOf(form)}/done${frame}`;
      return { status: 303, headers: { location, 'cache-control': 'no-store' }, body: '' };
    }
  }
}

/** Counts how far a visitor has got, each step once; programs are not counted. Returns that, for the next page to send back. */
function countSteps(outcome: Outcome, { referrer }: Visitor, { sent, agent, now }: Counted): string {
  const { form } = outcome;
  const told = sent.get(FIELDS.begun);
  // A browser with a script has told it already.
  if (told === null && sent.get(FIELDS.token) && !isProgram(agent)) countBegun(form, referrer);
  const reached = Number(told ?? 0) || 0;
  if (outcome.is !== 'shown') return String(reached);
  const step = form.document.steps.findIndex(({ id }) => id === outcome.stepId);
  if (step > reached && !isProgram(agent))
    formCounts.note({ sectionId: form.sectionId, formId: form.formId, referrer, kind: 'seen', step }, now);
  return String(Math.max(step, reached));
}

const countBegun = ({ sectionId, formId }: OpenForm, referrer: string): void =>
  formCounts.note({ sectionId, formId, referrer, kind: 'begun', step: 0 }, new Date());

/** What of a request a form's page depends on. */
export type FormHeaders = { agent: string; referrer: string; host: string; languages: string; purpose: string };

/** The page of a form, for a request of its address: called with the server's own requests too, as thousands may open it at once. */
export async function showForm(url: string, headers: FormHeaders, method: string): Promise<PageAnswer> {
  const [path = '', search = ''] = url.split('?', 2);
  const form = await findForm(path, headers.languages);
  if ('status' in form) return form;
  const query = new URLSearchParams(search);
  const frame = frameIn(query);
  if (!form.isOpen) return closedPage(form, frame);
  const now = new Date();
  const referrer = siteOf(headers.referrer, headers.host);
  if (method === 'GET' && !headers.purpose.includes('prefetch') && !isProgram(headers.agent)) {
    const { sectionId, formId } = form;
    formCounts.note({ sectionId, formId, referrer, kind: 'seen', step: 0 }, now);
  }
  const parameters = search === '' ? NOTHING_ENTERED : withParameters(form, NOTHING_ENTERED, query);
  return openPage(form, { referrer, frame }, parameters, now);
}

/** Forms as they were last seen, for while the database is away. */
const lastSeen = new Map<string, OpenForm>();
const SEEN_MAX = 1_000;
const PATIENCE_MS = 1_000;
let awayUntil = 0;

/** The form of a path, or the page that says that there is none. */
async function findForm(path: string, languages: string): Promise<OpenForm | PageAnswer> {
  const named = readFormPath(path);
  if (!named) return unknownPage(languages);
  const known = lastSeen.get(path);
  if (known && Date.now() < awayUntil) return known;
  try {
    const form = await openForm(named.sectionId, named.code);
    if (!form) {
      lastSeen.delete(path);
      return unknownPage(languages);
    }
    if (form !== known) {
      if (lastSeen.size >= SEEN_MAX) lastSeen.clear();
      lastSeen.set(path, form);
    }
    return form;
  } catch (error) {
    if (unavailableReason(error) === null) throw error;
    awayUntil = Date.now() + PATIENCE_MS;
    return known ?? plainPage(503, languageFor(languages), 'down', 'downText');
  }
}

const unknownPage = (languages: string): PageAnswer => plainPage(404, languageFor(languages), 'unknown', 'unknownText');

const unknownLink = (languages: string): PageAnswer =>
  plainPage(404, languageFor(languages), 'unknownLink', 'unknownLinkText');

const pathOf = ({ sectionId, code }: OpenForm): string => `/f/${sectionId.toString(36)}-${code}`;

const formOf = (context: ApiContext): Promise<OpenForm | PageAnswer> =>
  findForm(`/f/${context.req.param('form')}`, context.req.header('accept-language') ?? '');

/** The frame that the page stands in; undefined if it is none of ours. */
function frameIn(fields: URLSearchParams, field: string = FRAME_PARAMETER): string | undefined {
  const name = fields.get(field);
  return name !== null && FRAME.test(name) ? name : undefined;
}

/** The host of the page that led here; '' if there is none, or it is our own. */
function siteOf(referrer: string, own: string): string {
  if (referrer === '') return '';
  const host = URL.canParse(referrer) ? new URL(referrer).host : '';
  return host === own ? '' : siteIn(host);
}

const siteIn = (host: string): string => (HOST.test(host) ? host : '');

const networkOf = (context: ApiContext): string => neighbourhoodOf(originOf(context.req.raw.headers).ip);

const headersOf = (headers: Headers): FormHeaders => ({
  agent: headers.get('user-agent') ?? '',
  referrer: headers.get('referer') ?? '',
  host: headers.get('host') ?? '',
  languages: headers.get('accept-language') ?? '',
  purpose: headers.get('sec-purpose') ?? '',
});

const sentHeadersOf = (headers: Headers) => ({
  agent: headers.get('user-agent') ?? '',
  languages: headers.get('accept-language') ?? '',
  address: originOf(headers).ip,
});

/** The fields of a form, also of one with files, as people write them themselves. */
async function textOfBody(context: ApiContext): Promise<string> {
  const type = context.req.header('content-type') ?? '';
  if (!/^multipart\/form-data/i.test(type)) return context.req.text();
  const fields = await context.req.formData().catch(() => new FormData());
  return String(
    new URLSearchParams(
      [...fields].flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : [])),
    ),
  );
}

const responseOf = ({ status, headers, body }: PageAnswer): Response => new Response(body, { status, headers });

const scriptAnswer = (text: string, seconds: number): Response =>
  new Response(text, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': `public, max-age=${seconds}`,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      // The solver runs as a worker: nothing but itself.
      'content-security-policy': "default-src 'none'",
    },
  });
