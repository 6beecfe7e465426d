// The reference page: the guide, and every operation of the served document.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { html, raw } from 'hono/html';
import { Marked } from 'marked';
import { referenceOf, type ApiDocument, type Field, type ReferenceEntry } from './operations';
import { SCRIPT, STYLE } from './assets';

const slugOf = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

type Guide = { html: string; headings: { id: string; text: string }[] };

function readGuide(origin: string): Guide {
  const headings: Guide['headings'] = [];
  const marked = new Marked({
    renderer: {
      heading({ text, depth }) {
        const id = `guide-${slugOf(text)}`;
        headings.push({ id, text });
        return `<h${depth} id="${id}">${text}</h${depth}>`;
      },
    },
  });
  const source = fs.readFileSync('docs/api-guide.md', 'utf8').replaceAll('ORIGIN', origin);
  // Scrollable code blocks must be reachable by keyboard.
  return { html: marked.parse(source, { async: false }).replaceAll('<pre>', '<pre tabindex="0">'), headings };
}

const allowed = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only the page's own script and style may run or load. */
const POLICY = `default-src 'none'; style-src ${allowed(STYLE)}; script-src ${allowed(SCRIPT)}; font-src 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** The page as a response. `origin`: used in the examples. */
export async function referencePage(document: ApiDocument, origin: string): Promise<Response> {
  const guide = readGuide(origin);
  const groups = [...referenceOf(document, origin)];
  const page = html`<!doctype html>
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API reference · Tagwell</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <nav aria-label="Contents">
          <p class="brand">Tagwell API</p>
          <a class="back" href="/">← Back to Tagwell</a>
          <h2>Guide</h2>
          <ul>
            ${guide.headings.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
          </ul>
          ${groups.map(
            ([group, entries]) =>
              html`<h2>${group}</h2>
                <ul>
                  ${entries.map(({ id, summary }) => html`<li><a href="#${id}">${summary}</a></li>`)}
                </ul>`,
          )}
        </nav>
        <main id="content">
          <h1>API reference</h1>
          <p>
            Compatible with the Apsis One Audience API. As a document for tools:
            <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
          </p>
          <article class="guide">${raw(guide.html)}</article>
          ${groups.map(
            ([group, entries]) =>
              html`<section>
                <h2>${group}</h2>
                ${entries.map(renderEntry)}
              </section>`,
          )}
        </main>
        ${raw(`<script>${SCRIPT}</script>`)}
      </body>
    </html>`;
  return new Response((await page).toString(), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    },
  });
}

/** The font of the product. */
export const referenceFont = (): Response =>
  new Response(
    new Uint8Array(fs.readFileSync('node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2')),
    {
      headers: { 'content-type': 'font/woff2', 'cache-control': 'public, max-age=604800' },
    },
  );

/** Text of the document, with code between backticks. */
const inline = (text: string) => raw(new Marked().parseInline(text, { async: false }));

function renderEntry(entry: ReferenceEntry) {
  const { id, method, path, summary, description, parameters, body, answers, curl } = entry;
  return html`<article class="operation" id="${id}">
    <h3>${summary}</h3>
    <p class="call"><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code></p>
    ${description ? html`<p>${inline(description)}</p>` : ''}
    ${parameters.length > 0 ? fieldTable('Parameters', parameters) : ''}
    ${body && body.fields.length > 0 ? fieldTable('Body', body.fields) : ''}
    <pre tabindex="0"><code>${curl}</code></pre>
    ${answers.map(
      ({ status, description: what, example }) =>
        html`<p><strong>${status}</strong> ${inline(what)}</p>
          ${example ? html`<pre tabindex="0"><code>${example}</code></pre>` : ''}`,
    )}
  </article>`;
}

function fieldTable(title: string, fields: readonly Field[]) {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${title}</th>
        <th scope="col">Type</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      ${fields.map(
        ({ name, type, required, description }) =>
          html`<tr>
            <td><code>${name}</code>${required ? '' : html` <span class="muted">optional</span>`}</td>
            <td>${type}</td>
            <td>${inline(description)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
