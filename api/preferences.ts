// The preference page of a person (lib/preferences): plain HTML that works without script. Not a part of the API for
// clients: the link is the permission. Nothing that it shows changes anything; only its form does.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html, raw } from 'hono/html';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { PREFERENCES } from '@/lib/config/limits';
import { inGroups } from '@/lib/consents/groups';
import { CHANNEL_IN_TEXT, CHANNEL_NAMES } from '@/lib/consents/words';
import { noteChoices } from '@/lib/messages/leave';
import { TOKEN_LENGTH } from '@/lib/messages/token';
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
import { frame, logoOf, isForeign, message, respond, tooMany, type Html } from './public-page';

export const PREFERENCES_PATH = new RegExp(`^/p/${TOKEN_PATTERN}(?:[?#]|$)`);

export function addPreferences(api: OpenAPIHono<ApiEnvironment>): void {
  const [addresses, links] = [new Minutes(PREFERENCES.perAddress), new Minutes(PREFERENCES.perLink)];
  const allowed = (context: ApiContext, token: string) =>
    addresses.take(networkOf(originOf(context.req.raw.headers).ip)) && links.take(token);

  api.get(`/p/:token{${TOKEN_PATTERN}}`, async (context) => {
    const token = context.req.param('token');
    if (!allowed(context, token)) return tooMany();
    const from = context.req.query('from') ?? '';
    return answer(await readPreferences(token), (preferences) => page({ token, from }, preferences));
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
    const from = sent.get('from') ?? '';
    const saved = await savePreferences(
      token,
      {
        formToken: sent.get('form') ?? '',
        chosen: sent.getAll('get'),
        nothing: sent.get('all') === 'nothing',
      },
      (tx, person) => noteChoices(tx, from, person),
    );
    return answer(
      saved,
      (done) => page({ token, from }, done.preferences, done),
      (done) => (done.saved ? 200 : 409),
    );
  });
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

/** `from`: the token of the link in the message that led here, so that its report knows. */
function page({ token, from }: { token: string; from: string }, preferences: Preferences, done?: Saved): Html {
  const { sectionName, logo, addresses, topics, stopped, state } = preferences;
  const folders = inGroups(topics, ({ folder }) => folder);
  const form = formToken(token, state);
  const origin = from === '' ? '' : html`<input type="hidden" name="from" value="${from.slice(0, TOKEN_LENGTH)}" />`;
  const to = addresses.map(({ channel, masked }) => html`${CHANNEL_NAMES[channel]}: <bdi>${masked}</bdi> `);
  return frame(
    `What you get from ${sectionName}`,
    html`${logoOf(logo)}
      <h1>What you get from <bdi>${sectionName}</bdi></h1>
      ${addresses.length > 0 ? html`<p class="muted">${to}</p>` : ''} ${said(done)}
      ${stopped.map(
        ({ channel, reason }) =>
          html`<p class="said bad">${CHANNEL_NAMES[channel]}: nothing reaches you (${stoppedInWords(reason)}).</p>`,
      )}
      ${
        topics.length === 0
          ? html`<p>There is nothing to choose at the moment.</p>`
          : html`<form method="post" action="/p/${token}">
              <input type="hidden" name="form" value="${form}" />${origin}
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
          <input type="hidden" name="form" value="${form}" />${origin}
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
