// Pages for people who have a link from a message, and no account: plain HTML, without script, cookies or anything of a third party.
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { OWN_PICTURE, type Brand } from '@/lib/mail-document/schema';

export type Html = ReturnType<typeof html>;

/** The logo of a section’s mails, if it was uploaded here: nothing is loaded from elsewhere. */
export const logoOf = (logo: Pick<NonNullable<Brand['logo']>, 'source' | 'alt' | 'width'> | null): Html | '' =>
  logo && OWN_PICTURE.test(logo.source)
    ? html`<p><img class="logo" src="${logo.source}" alt="${logo.alt}" width="${logo.width}" /></p>`
    : '';

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --line: #c3cbcb; --ink: #16201f; --muted: #525f5e; --accent: #0a5751; --on-accent: #fff; --good: #e6f3ef; --bad: #fbe9e7; }
@media (prefers-color-scheme: dark) { :root { --ground: #171d1c; --line: #4a5756; --ink: #e8eeed; --muted: #a9b5b3; --accent: #8ee0d6; --on-accent: #0c1a18; --good: #15332e; --bad: #4a201b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-inline-size: 40rem; margin-inline: auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
.logo { max-inline-size: min(100%, 15rem); block-size: auto; background: #fff; border-radius: .25rem; }
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

const POLICY = `default-src 'none'; img-src 'self'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  // The address of the page is a secret of the person: no other site learns it.
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Whether a browser says that another site has sent the form. A form token alone would do; this is free. */
export function isForeign(headers: Headers): boolean {
  return ['cross-site', 'same-site'].includes(headers.get('sec-fetch-site') ?? '');
}

export const tooMany = () => message(429, 'Too many tries at once', 'Nothing has been changed. Try again in a minute.');

export const message = (status: number, title: string, text: string): Promise<Response> =>
  respond(
    status,
    frame(
      title,
      html`<h1>${title}</h1>
        <p>${text}</p>`,
    ),
  );

export async function respond(status: number, body: Html): Promise<Response> {
  return new Response(`<!doctype html>${await body}`, {
    status,
    headers: { ...HEADERS, ...(status === 429 && { 'retry-after': '60' }) },
  });
}

export const frame = (title: string, content: Html): Html =>
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
