// The addresses in mails: links that are counted, the picture that says that a mail was opened, the way out, the choices, and the mail as a page. Not a
// part of the API for clients: the token is the permission. Programs that guard mailboxes fetch all of them, so nothing that is fetched changes what a
// person gets: only the buttons of the page, and the one click of a mail program (RFC 8058), do.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { originOf } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { PREFERENCES } from '@/lib/config/limits';
import { answers, PAGES } from '@/lib/messages/answers';
import { comeBack, leave, preferencesOfLink, readLeaving, type Leaving, type Opened } from '@/lib/messages/leave';
import { LINK_PATHS } from '@/lib/messages/links';
import { readMessageToken, TOKEN_LENGTH, type TokenPurpose } from '@/lib/messages/token';
import { readMailPage } from '@/lib/messages/web-view';
import { formToken } from '@/lib/preferences/link';
import type { ApiContext, ApiEnvironment } from './context';
import { follow, followerOf, NOT_KEPT, note } from './followed';
import { MAIL_HEADERS } from './mail-page';
import { Minutes } from './minutes';
import { frame, isForeign, logoOf, message, respond, tooMany, type Html } from './public-page';

/** Cut and damaged ones too: who follows them is told so. A preference page's own tokens are longer. */
export const TRACKING_PATH = new RegExp(`^/[couv]/|^/p/[A-Za-z0-9_-]{${TOKEN_LENGTH}}(?:[^A-Za-z0-9_-]|$)`);

export function addTracking(api: OpenAPIHono<ApiEnvironment>, onError: (error: unknown) => void): void {
  answers.onFailed = onError;
  const [addresses, links] = [new Minutes(PREFERENCES.perAddress), new Minutes(PREFERENCES.perLink)];
  /** Mail programs' servers send the one click of many people from few addresses: only the link counts. */
  const allowed = (context: ApiContext, token: string, byAddress = true) =>
    (!byAddress || addresses.take(networkOf(originOf(context.req.raw.headers).ip))) &&
    links.take(token.slice(0, TOKEN_LENGTH));

  for (const path of [LINK_PATHS.click, LINK_PATHS.open]) {
    api.get(`${path}:token{.+}`, async (context) => {
      const followed = await follow(`${path}${context.req.param('token')}`, followerIn(context));
      return followed ? new Response(followed.body, followed) : unknown();
    });
  }

  api.get(`${LINK_PATHS.unsubscribe}:token{.+}`, async (context) => {
    const token = exact(context.req.param('token'));
    if (!allowed(context, token)) return tooMany();
    look(context, 'unsubscribe', token);
    return show(await readLeaving(token), (leaving) => leavingPage(token, leaving));
  });

  api.post(`${LINK_PATHS.unsubscribe}:token{.+}`, async (context) => {
    const token = exact(context.req.param('token'));
    if (!allowed(context, token, false)) return tooMany();
    if (readMessageToken('unsubscribe', token) === null) return unknown();
    const body = await context.req.text();
    if (/List-Unsubscribe\W{1,20}One-Click/i.test(body)) {
      const { is } = await leave(token, 'one click');
      return new Response(null, { status: is === 'unknown' ? 404 : 200, headers: NOT_KEPT });
    }
    if (isForeign(context.req.raw.headers)) {
      return message(
        403,
        'Nothing has been changed',
        'This was sent from another site. Open the link from your message.',
      );
    }
    const sent = new URLSearchParams(body);
    if (sent.get('again') !== null) {
      const back = await comeBack(token, sent.get('form') ?? '');
      return show(back, (leaving) => leavingPage(token, leaving, 'again'));
    }
    return show(await leave(token, 'page'), (leaving) => leavingPage(token, leaving, 'left'));
  });

  api.get(`${LINK_PATHS.preferences}:token{[A-Za-z0-9_-]{${TOKEN_LENGTH}}(?:[^A-Za-z0-9_-].*)?}`, async (context) => {
    const token = exact(context.req.param('token'));
    if (!allowed(context, token)) return tooMany();
    look(context, 'preferences', token);
    const opened = await preferencesOfLink(token);
    if (opened.is !== 'found') return show(opened, () => html``);
    return new Response(null, {
      status: 302,
      headers: { ...NOT_KEPT, location: `/p/${opened.value}?from=${token}`, 'referrer-policy': 'same-origin' },
    });
  });

  api.get(`${LINK_PATHS.view}:token{.+}`, async (context) => {
    const token = exact(context.req.param('token'));
    if (!allowed(context, token)) return tooMany();
    look(context, 'view', token);
    const opened = await readMailPage(token);
    if (opened.is !== 'found') return show(opened, () => html``);
    return new Response(opened.value, { headers: MAIL_HEADERS });
  });
}

/** Without what scanners append. */
const exact = (token: string) => token.slice(0, TOKEN_LENGTH);

const followerIn = ({ req }: ApiContext) => followerOf(req.method, (name) => req.header(name));

/** A page of the mail was fetched. Who fetches all of them at once is a machine. */
function look(context: ApiContext, page: keyof typeof PAGES & TokenPurpose, token: string): void {
  const named = readMessageToken(page, token);
  if (named !== null) note(followerIn(context), 'looked', named, PAGES[page]);
}

const unknown = () =>
  message(404, 'This link does not work', 'It may be incomplete: take the whole of it from your message.');

async function show<Value>(opened: Opened<Value>, page: (value: Value) => Html): Promise<Response> {
  switch (opened.is) {
    case 'unknown':
      return unknown();
    case 'nobody':
      return message(
        200,
        'This was a test',
        'The message was a test or a preview, so its links are about nobody. In a message that is sent, this one works.',
      );
    case 'erased':
      return message(200, 'Done', 'Nothing is stored about you here any more, so you will get nothing.');
    case 'found':
      return respond(200, page(opened.value));
  }
}

function leavingPage(token: string, leaving: Leaving, done?: 'left' | 'again'): Html {
  const { sectionName, logo, address, topics, left, kind } = leaving;
  const path = `${LINK_PATHS.unsubscribe}${token}`;
  const who = html`<p class="muted"><bdi>${sectionName}</bdi>${address ? html` · <bdi>${address}</bdi>` : ''}</p>`;
  const other = html`<p><a href="${leaving.choices}">Choose what you get from us</a></p>`;
  if (kind === 'service' || topics.length === 0) {
    return frame(
      'What you get',
      html`${logoOf(logo)}
        <h1>This message is not one that you subscribe to</h1>
        ${who}
        <p>It was sent because of something that you have with us, so there is nothing to end here.</p>
        ${other}`,
    );
  }
  const list = html`<ul>
    ${topics.map((name) => html`<li dir="auto">${name}</li>`)}
  </ul>`;
  const by = leaving.channel === 'sms' ? ' by SMS' : '';
  if (left) {
    return frame(
      'Unsubscribed',
      html`${logoOf(logo)}
        <h1>${done === 'left' ? 'You are unsubscribed' : 'You are unsubscribed already'}</h1>
        ${who}
        <p class="said good" role="status">Nothing about this comes to you any more${by}:</p>
        ${list}
        <form method="post" action="${path}">
          <input type="hidden" name="form" value="${formToken(token, leaving.state)}" />
          <p>Was that a mistake?</p>
          <button class="none" type="submit" name="again" value="1">Subscribe me again</button>
        </form>
        ${other}`,
    );
  }
  return frame(
    'Unsubscribe',
    html`${logoOf(logo)}
      <h1>Unsubscribe</h1>
      ${who} ${done === 'again' ? html`<p class="said good" role="status">You are subscribed again.</p>` : ''}
      <p>You will get nothing more about this${by}:</p>
      ${list}
      <form method="post" action="${path}">
        <button class="save" type="submit" name="leave" value="1">Unsubscribe</button>
      </form>
      ${other}`,
  );
}
