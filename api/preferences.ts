// The preference page of a person (lib/preferences): plain HTML that works without script. Not a part of the API for
// clients: the link is the permission. Nothing that it shows changes anything; only its form does.
import { createHash } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html, raw } from 'hono/html';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { PREFERENCES } from '@/lib/config/limits';
import { inGroups } from '@/lib/consents/groups';
import { CHANNEL_IN_TEXT, CHANNEL_NAMES } from '@/lib/consents/words';
import { formToken, TOKEN_PATTERN } from '@/lib/preferences/link';
import {
  choiceName,
  isIn,
  readPreferences,
  savePreferences,
  stoppedInWords,
  type Answered,
  type Preferences,
  type Saved,
  type ShownTopic,
} from '@/lib/preferences/preferences';
import type { ApiContext, ApiEnvironment } from './context';
import { Minutes } from './minutes';

type Html = ReturnType<typeof html>;

export const PREFERENCES_PATH = new RegExp(`^/p/${TOKEN_PATTERN}(?:[?#]|$)`);

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --line: #c3cbcb; --ink: #16201f; --muted: #525f5e; --accent: #0a5751; --on-accent: #fff; --good: #e6f3ef; --bad: #fbe9e7; }
@media (prefers-color-scheme: dark) { :root { --ground: #171d1c; --line: #4a5756; --ink: #e8eeed; --muted: #a9b5b3; --accent: #8ee0d6; --on-accent: #0c1a18; --good: #15332e; --bad: #4a201b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-inline-size: 40rem; margin-inline: auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
.muted, small { color: var(--muted); font-size: .875rem; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 .75rem; padding: .5rem 1rem .75rem; min-inline-size: 0; }
legend { font-weight: 600; padding-inline: .25rem; margin-inline-start: -.25rem; }
label { display: flex; align-items: center; gap: .625rem; min-block-size: 2.75rem; }
input[type=checkbox] { inline-size: 1.375rem; block-size: 1.375rem; margin: 0; flex: none; accent-color: var(--accent); }
button { font: inherit; font-weight: 600; min-block-size: 2.75rem; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid var(--accent); cursor: pointer; }
.save { background: var(--accent); color: var(--on-accent); }
.none { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.said { border-radius: .5rem; padding: .75rem 1rem; margin-block: 1rem; }
.good { background: var(--good); }
.bad { background: var(--bad); }
section.all { border-block-start: 1px solid var(--line); margin-block-start: 2rem; padding-block-start: .5rem; }
`;

const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  // The address of the page is a secret of the person: no other site learns it.
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

export function addPreferences(api: OpenAPIHono<ApiEnvironment>): void {
  const [addresses, links] = [new Minutes(PREFERENCES.perAddress), new Minutes(PREFERENCES.perLink)];
  const allowed = (context: ApiContext, token: string) =>
    addresses.take(networkOf(originOf(context.req.raw.headers).ip)) && links.take(token);

  api.get(`/p/:token{${TOKEN_PATTERN}}`, async (context) => {
    const token = context.req.param('token');
    if (!allowed(context, token)) return tooMany();
    return answer(await readPreferences(token), (preferences) => page(token, preferences));
  });

  api.post(`/p/:token{${TOKEN_PATTERN}}`, async (context) => {
    const token = context.req.param('token');
    if (!allowed(context, token)) return tooMany();
    if (isForeign(context.req.raw.headers)) {
      return message(
        403,
        'Nothing has been changed',
        'This was sent from another site. Open the link from your message.',
      );
    }
    const sent = new URLSearchParams(await context.req.text());
    const saved = await savePreferences(token, {
      formToken: sent.get('form') ?? '',
      chosen: sent.getAll('get'),
      nothing: sent.get('all') === 'nothing',
    });
    return answer(
      saved,
      (done) => page(token, done.preferences, done),
      (done) => (done.saved ? 200 : 409),
    );
  });
}

/** Whether a browser says that another site has sent the form. The form token alone would do; this is free. */
function isForeign(headers: Headers): boolean {
  return ['cross-site', 'same-site'].includes(headers.get('sec-fetch-site') ?? '');
}

async function answer<Value>(
  answered: Answered<Value>,
  show: (value: Value) => Html,
  statusOf: (value: Value) => number = () => 200,
): Promise<Response> {
  switch (answered.is) {
    case 'unknown':
      return message(404, 'This link does not work', 'It may be incomplete: take the whole of it from your message.');
    case 'erased':
      return message(200, 'Done', 'Nothing is stored about you here any more, so you will get nothing.');
    case 'found':
      return respond(statusOf(answered.value), show(answered.value));
  }
}

const tooMany = () => message(429, 'Too many tries at once', 'Nothing has been changed. Try again in a minute.');

const message = (status: number, title: string, text: string): Promise<Response> =>
  respond(
    status,
    frame(
      title,
      html`<h1>${title}</h1>
        <p>${text}</p>`,
    ),
  );

async function respond(status: number, body: Html): Promise<Response> {
  return new Response(`<!doctype html>${await body}`, {
    status,
    headers: { ...HEADERS, ...(status === 429 && { 'retry-after': '60' }) },
  });
}

const frame = (title: string, content: Html): Html =>
  html`<html lang="en-GB" dir="ltr">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>${title}</title>
      ${raw(`<style>${STYLE}</style>`)}
    </head>
    <body>
      <main>${content}</main>
    </body>
  </html>`;

function page(token: string, preferences: Preferences, done?: Saved): Html {
  const { sectionName, addresses, topics, stopped, state } = preferences;
  const folders = inGroups(topics, ({ folder }) => folder);
  const form = formToken(token, state);
  const to = addresses.map(({ channel, masked }) => html`${CHANNEL_NAMES[channel]}: <bdi>${masked}</bdi> `);
  return frame(
    `What you get from ${sectionName}`,
    html`<h1>What you get from <bdi>${sectionName}</bdi></h1>
      ${addresses.length > 0 ? html`<p class="muted">${to}</p>` : ''} ${said(done)}
      ${stopped.map(
        ({ channel, reason }) =>
          html`<p class="said bad">${CHANNEL_NAMES[channel]}: nothing reaches you (${stoppedInWords(reason)}).</p>`,
      )}
      ${
        topics.length === 0
          ? html`<p>There is nothing to choose at the moment.</p>`
          : html`<form method="post" action="/p/${token}">
              <input type="hidden" name="form" value="${form}" />
              <p>Tick what you would like to get.</p>
              ${folders.map(
                ([folder, inFolder]) =>
                  html`${folder !== '' ? html`<h2 dir="auto">${folder}</h2>` : ''} ${inFolder.map(topicField)}`,
              )}
              <button class="save" type="submit">Save</button>
            </form>`
      }
      <section class="all" aria-labelledby="all">
        <h2 id="all">Nothing any more</h2>
        <p>Ends everything above, and anything else that we send to tell you about us.</p>
        <form method="post" action="/p/${token}">
          <input type="hidden" name="form" value="${form}" />
          <button class="none" type="submit" name="all" value="nothing">I want nothing any more</button>
        </form>
      </section>`,
  );
}

function topicField({ name, description, choices }: ShownTopic): Html {
  return html`<fieldset>
    <legend dir="auto">${name}</legend>
    ${description ? html`<p class="muted" dir="auto">${description}</p>` : ''}
    ${choices.map(
      (choice) =>
        html`<label>
          <input type="checkbox" name="get" value="${choiceName(choice)}" ${isIn(choice.type) ? raw('checked') : ''} />
          <span
            >By ${CHANNEL_IN_TEXT[choice.channel]}
            ${choice.type === 'pending-opt-in' ? html`<small>(not confirmed yet)</small>` : ''}</span
          >
        </label>`,
    )}
  </fieldset>`;
}

function said(done: Saved | undefined): Html | '' {
  if (!done) return '';
  return done.saved
    ? html`<p class="said good" role="status">Saved. It is in effect from now on.</p>`
    : html`<p class="said bad" role="alert">
        Nothing was saved, because your choices have changed since this page was opened. They are now as shown below:
        choose again.
      </p>`;
}
