// HTML that somebody pasted: what of it is sent, what is said of the rest, and that it cannot touch the rest of the mail.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { referencesOf, variablesOf } from './blocks';
import { compileMail } from './compile';
import { problemsOfHtml } from './html-problems';
import { readHtml, strayFields, valueAs, writtenHtml } from './html-source';
import { htmlTree } from './html-tree';
import { problemsOf } from './problems';
import { openRenderer, type Recipient } from './render';
import { BrandSchema, MailDocumentSchema, type MailDocument } from './schema';

const FIRST_NAME = 7 as AttributeId;
const attributes = [
  { id: FIRST_NAME, name: 'First name' },
  { id: 8 as AttributeId, name: 'City' },
];
const words = { unsubscribe: 'Unsubscribe', preferences: 'Preferences', view: 'View in browser' };
const named = (name: string): Recipient => ({ values: new Map([[FIRST_NAME, name]]), tags: new Set() });

const documentOf = (written: string, more: object = {}): MailDocument =>
  MailDocumentSchema.parse({
    subject: [{ type: 'text', text: 'News' }],
    blocks: [
      { id: 'html', kind: 'html', source: readHtml(written, attributes), ...more },
      { id: 'after', kind: 'text', lines: [[{ type: 'text', text: 'AFTER IT' }]] },
    ],
  });

async function sent(document: MailDocument, to = named('')) {
  const mail = await compileMail(document, BrandSchema.parse({}), words);
  return {
    mail,
    ...openRenderer(mail)(to, {
      links: mail.links.map((_link, at) => `https://t.example/c/${at}`),
      unsubscribe: 'https://t.example/u/1',
      preferences: 'https://t.example/p/1',
      view: 'https://t.example/v/1',
    }),
  };
}
const sentHtml = async (written: string) => (await sent(documentOf(written))).html;
const removedFrom = (written: string) => htmlTree(readHtml(written, attributes)).removed.map(({ kind }) => kind);

describe('what could act', () => {
  it.each([
    ['a script', '<p>Hi</p><script>alert(1)</script>', 'script', /alert|<script/],
    ['a script in capitals that never ends', '<p>Hi</p><SCRIPT>alert(1)', 'script', /alert|<script/i],
    ['a handler', '<p onclick="alert(1)">Hi</p>', 'handler', /alert|onclick/],
    ['a handler without blanks', '<img/src="https://a.example/x.png"/onerror=alert(1)>Hi', 'handler', /alert|onerror/],
    ['javascript:', '<a href="javascript:alert(1)">Hi</a>', 'link', /alert|javascript/],
    ['javascript: with a tab and entities', '<a href="jav&#9;ascript&colon;alert(1)">Hi</a>', 'link', /alert/],
    ['a page in a link', '<a href="data:text/html,<script>alert(1)</script>">Hi</a>', 'link', /data:text|alert/],
    [
      'a picture as data',
      '<img src="data:image/svg+xml,<svg onload=alert(1)>" alt="x">Hi',
      'picture',
      /alert|data:image/,
    ],
    ['a margin that covers', '<p style="margin:0 calc(0px*-9)">Hi</p>', 'style', /calc/],
    ['a margin that covers, in brackets', '<p style="margin-top:calc(-99px)">Hi</p>', 'style', /-99px/],
    ['a shadow over all', '<p style="box-shadow:0 0 0 9999px #fff">Hi</p>', 'style', /9999px/],
    ['a shadow as large as the page', '<p style="box-shadow:0 0 0 90vw #fff">Hi</p>', 'style', /90vw/],
    ['what is drawn over what follows', '<p style="height:0;opacity:.99">Hi</p>', 'style', /opacity:\.99/],
    ['a style that loads', '<p style="background:url(https://a.example/x)">Hi</p>', 'style', /a\.example/],
    ['a style that runs', '<p style="width:expr/**/ession(alert(1))">Hi</p>', 'style', /alert|ession/],
    ['a style in escapes', String.raw`<p style="background:u\72l(https://a.example)">Hi</p>`, 'style', /a\.example/],
    ['a behaviour', '<p style="-moz-binding:x;behavior:x;color:red">Hi</p>', 'style', /binding|behavior/],
    [
      'what lies over the rest',
      '<p style="position:fixed;top:0;z-index:9;margin-top:-900px">Hi</p>',
      'style',
      /fixed|z-index|-900/,
    ],
    ['a frame', '<iframe src="https://a.example"><p>inside</p></iframe>Hi', 'embedded', /iframe|a\.example|inside/],
    [
      'a form',
      '<form action="https://a.example"><input name=p><button>Hi</button></form>',
      'form',
      /<form|<input|<button|a\.example/,
    ],
    ['an SVG with a script', '<svg><script>alert(1)</script><a href="javascript:x">y</a></svg>Hi', 'svg', /svg|alert/],
    ['a style sheet', '<style>*{display:none}</style><p class="x">Hi</p>', 'sheet', /\*\{display/],
    [
      'MathML that hides a style',
      '<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>Hi',
      'svg',
      /alert|onerror/,
    ],
    ['a comment for Outlook', '<!--[if mso]></td></tr></table><![endif]-->Hi', 'comment', /\[if mso\]><\/td>/],
    [
      'a base and a refresh',
      '<base href="https://a.example"><meta http-equiv=refresh content="0;https://a.example">Hi<blink>',
      'element',
      /a\.example|refresh/,
    ],
  ])('%s is left out and said; the rest stays', async (_what, written, kind, never) => {
    const html = await sentHtml(written);
    expect(html).not.toMatch(never);
    expect(html).toContain('Hi');
    expect(html).toContain('AFTER IT');
    expect(removedFrom(written)).toContain(kind);
    expect(problemsOfHtml(readHtml(written, attributes)).length).toBeGreaterThan(0);
  });
});

describe('what could break the rest of the mail', () => {
  it.each([
    '<div><table><tr><td><b><i><a href="https://a.example/">Hi',
    '</td></tr></tbody></table></div></body></html>Hi',
    '<td>Hi</td><tr><th>Hi',
    '<table><td>Hi<tr>',
    '<table></tr><mtext><table></script>Hi',
    '<table><u><table>Hi<p><h2>',
    '<table><tr>x<table></table>Hi',
    '--></mj-text></mj-column><mj-raw>Hi]]>',
    '<p title="\'>Hi<!--',
    'Hi<a href="',
    '<table></td>Hi</table><select><option></td>',
    'Hi{% if t1 %}{{ links[0] }}{{',
  ])('%s', async (written) => {
    const { html } = await sent(documentOf(written));
    // What follows stands as deep as without it, and the page is one.
    const depthOf = (mail: string) =>
      [...mail.slice(0, mail.indexOf('AFTER IT')).matchAll(/<(\/?)(?:table|tbody|tr|td|div)\b/g)].reduce(
        (depth, [, slash]) => depth + (slash ? -1 : 1),
        0,
      );
    expect(depthOf(html)).toBe(depthOf(await sentHtml('<p>Hi</p>')));
    expect(html.match(/<\/body>/g)).toHaveLength(1);
    expect(html).toContain('https://t.example/u/1');
  });

  it('nothing that is typed can be anything but what the rules name', () => {
    const bits = [
      '<',
      '>',
      '/',
      '"',
      "'",
      '=',
      ' ',
      '<td>',
      '</table>',
      '<script>',
      'onerror',
      '<!--',
      '-->',
      '<a href=',
      'javascript:',
      '<p style="',
      '&lt;',
      '{{',
      '\0',
      'x',
      '<svg>',
      '<img src=https://a.example/>',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 30 }), (all) => {
        const { nodes } = htmlTree([{ type: 'text', text: all.join('') || ' ' }]);
        const text = JSON.stringify(nodes, (key, value: unknown) => (key === 'words' ? undefined : value));
        expect(text).not.toMatch(/script|svg|onerror/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what stays', () => {
  it('is an agency’s table with its styles, attributes and colours', async () => {
    const written =
      '<!DOCTYPE html><html><head><title>x</title></head><body><table role="presentation" width="100%" cellpadding="0" bgcolor="#ffe">' +
      '<tr><td align="center" style="padding: 8px 0; mso-line-height-rule:exactly; color:#123456; font-family: \'Open Sans\', Arial">' +
      '<img src="https://cdn.example/a.png" width="600" height="200" alt="A &quot;tent&quot;"></td></tr></table></body></html>';
    const html = await sentHtml(written);
    const shadow = 'margin:0 auto;box-shadow:0 1.5px 12px -2px rgba(0, 0, 0, 0.125), 0 1px 2px #123456';
    expect(await sentHtml(`<div style="${shadow}">Hi</div>`)).toContain(shadow);
    expect(html).toContain('<table role="presentation" width="100%" cellpadding="0" bgcolor="#ffe">');
    expect(html).toContain(
      'padding:8px 0;mso-line-height-rule:exactly;color:#123456;font-family:&#39;Open Sans&#39;, Arial',
    );
    expect(html).toContain('alt="A &quot;tent&quot;"');
    expect(html).toContain('style="max-width:100%;height:auto"');
    expect(removedFrom(written)).toEqual([]);
  });

  it('has links that are counted, in HTML and text, with their words in the report', async () => {
    const { mail, html, text } = await sent(
      documentOf(
        '<h2>News</h2><p>Read <a href="https://a.example/?a=1&amp;b=2" target="_blank">all <b>of it</b></a></p><ul><li>One<li>Two</ul>',
      ),
    );
    expect(mail.links[0]).toEqual({ address: 'https://a.example/?a=1&b=2', place: 'all of it' });
    expect(html).toContain('<a href="https://t.example/c/0">all <b>of it</b></a>');
    expect(text).toContain('News\n\nRead all of it <https://t.example/c/0>\n\n- One\n\n- Two\n\nAFTER IT');
  });

  it('is a table that leaves its rows out', async () => {
    const html = await sentHtml('<table><td>One</td><td>Two<tr><td>Three</table>');
    expect(html).toContain('<table><tr><td>One</td><td>Two</td></tr><tr><td>Three</td></tr></table>');
  });

  it('is not in the text part where it is hidden', async () => {
    const { text } = await sent(documentOf('<div style="display:none">Preview</div><p>Hi</p>'));
    expect(text).not.toContain('Preview');
  });
});

describe('a value', () => {
  it('stands in text and descriptions, escaped, and survives a rename', async () => {
    const document = documentOf(
      '<p>Hi {{ First name | default: "there" }}, <img src="https://a.example/x.png" alt="For {{first NAME|you}}"></p>',
    );
    const { html, text } = await sent(document, named('<b>Åsa</b> "x"'));
    expect(html).toContain('Hi &lt;b&gt;Åsa&lt;/b&gt; &quot;x&quot;,');
    expect(html).toContain('alt="For &lt;b&gt;Åsa&lt;/b&gt; &quot;x&quot;"');
    expect(text).toContain('Hi <b>Åsa</b> "x", For <b>Åsa</b> "x"');
    expect((await sent(document)).html).toContain('Hi there,');
    const [block] = document.blocks;
    if (block?.kind !== 'html') throw new Error('It is HTML.');
    expect(writtenHtml(block.source, [{ id: FIRST_NAME, name: 'Förnamn' }])).toContain('{{Förnamn|there}}');
  });

  it('cannot stand in a style, a name or a picture’s address', async () => {
    const written =
      '<p style="color:{{City|x}}">a</p><p lang="{{City|x}}">b</p><img src="https://a.example/{{City|x}}" alt="">';
    const document = documentOf(written);
    expect((await sent(document)).html).not.toContain('a.example');
    expect(problemsOf(document).filter(({ must }) => must)).toHaveLength(1);
  });

  it('can stand in a link behind the name of the site, without other words', async () => {
    const document = documentOf('<a href="https://a.example/{{City}}?a=1&amp;n={{ first name }}#x">Hi</a>');
    expect((await sent(document)).mail.links).toEqual([
      { address: 'https://a.example/{{a8}}?a=1&n={{a7}}#x', place: 'Hi' },
    ]);
    expect(referencesOf(document).attributeIds).toEqual([8, 7]);
    expect(variablesOf(document)).toEqual([]);
    expect(problemsOf(document).filter(({ must }) => must)).toEqual([]);
  });

  it.each([
    'https://{{City}}.example/',
    'https://a.example{{City}}',
    '{{City}}',
    'javascript:{{City}}',
    'mailto:a@b.example?subject={{City}}',
    'https://a.example/{{City|x}}',
    'https://a.example/{{api.order}}',
    'https://a.example/{{a8}}',
  ])('cannot stand in a link as %s', async (address) => {
    const document = documentOf(`<p>{{City|x}}</p><a href="${address}">Hi</a>`);
    expect((await sent(document)).mail.links).toEqual([]);
    expect(problemsOf(document).map(({ must, words: said }) => must && said)).toContainEqual(
      expect.stringContaining('{{'),
    );
  });

  it('must have words for people without it, and its name must be known', () => {
    const wordsOf = (written: string) =>
      problemsOf(documentOf(written))
        .filter(({ must }) => must)
        .map((problem) => problem.words);
    expect(wordsOf('<p>{{City}}</p>')).toEqual([expect.stringContaining('nothing to say instead')]);
    expect(wordsOf('<p>{{Cty|there}} *|FNAME|* {% if x %}</p>')).toEqual([
      expect.stringContaining('{{Cty|there}}'),
      expect.stringContaining('*|FNAME|*'),
      expect.stringContaining('{% if x %}'),
    ]);
    expect(strayFields(readHtml('<p>&#123;{City}} { a }</p>', attributes))).toEqual([]);
  });

  it('of a call of the API is one too', () => {
    expect(readHtml('{{api.order_number|none}}', attributes)).toEqual([
      { type: 'given', name: 'order_number', fallback: 'none' },
    ]);
  });
});

it('keeps every character as it was written', () => {
  const name = fc.constantFrom('First name', 'City', 'Cty', '#7', 'api.x', 'a|b');
  const part = fc.oneof(
    fc.string(),
    name.map((one) => valueAs(one, '')),
    name.map((one) => valueAs(one, 'there')),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const once = writtenHtml(readHtml(parts.join(''), attributes), attributes);
      expect(writtenHtml(readHtml(once, attributes), attributes)).toBe(once);
      if (!parts.some((one) => one.includes('{'))) expect(once).toBe(parts.join(''));
    }),
  );
});

it('of 100 kB is kept whole, and its links are one', async () => {
  const row = '<tr><td style="padding:4px"><a href="https://a.example/1">A line of text</a></td></tr>';
  const written = `<table>${row.repeat(1_200)}</table>`;
  expect(written.length).toBeGreaterThan(100_000);
  const document = documentOf(written);
  const { html, mail } = await sent(document);
  expect(mail.links).toHaveLength(1);
  expect(html.match(/A line of text/g)).toHaveLength(1_200);
  expect(MailDocumentSchema.safeParse(documentOf('x')).success).toBe(true);
  expect(() => documentOf('x'.repeat(250_001))).toThrow('This HTML is too long.');
});

it('ends a thousand levels', () => {
  const { nodes, removed } = htmlTree([{ type: 'text', text: '<div>'.repeat(20_000) + 'Hi' }]);
  expect(removed.map(({ kind }) => kind)).toContain('deep');
  expect(JSON.stringify(nodes)).toContain('Hi');
});

it('says when nothing is left', () => {
  const must = (written: string) =>
    problemsOfHtml(readHtml(written, attributes)).filter((problem) => problem.must).length;
  expect([must(''), must('<script>x</script>'), must('<p>x</p>')]).toEqual([1, 1, 0]);
});

it('names a link in the report by the beginning of its words, without half an emoji, which no database stores', async () => {
  const { mail } = await sent(documentOf(`<a href="https://a.example/">${'x'.repeat(99)}😀 more</a>`));
  expect(mail.links.map(({ place }) => place)).toEqual(['x'.repeat(99)]);
});

it('is read in no time, however it was spoilt: what a page or an editor waits for', () => {
  const spoilt = [
    `<p style="${'('.repeat(100_000)}">x</p>`,
    `<p style="width:${'a('.repeat(60_000)}">x</p>`,
    `<p style="width:1px${' '.repeat(100_000)}x">x</p>`,
    `<p style="${"'".repeat(100_001)}">x</p>`,
    `{{${' '.repeat(100_000)}`,
    `{{a${' '.repeat(100_000)}|`,
  ];
  const began = performance.now();
  for (const written of spoilt) htmlTree(readHtml(written, attributes));
  expect(performance.now() - began).toBeLessThan(1_000);
});

it('may have thousands of links', async () => {
  const block = (id: number) => ({
    id: String(id),
    kind: 'html' as const,
    source: readHtml(
      Array.from({ length: 6_000 }, (_, nth) => `<a href="https://a.example/${id}${nth}">x</a>`).join(''),
      [],
    ),
  });
  const document = MailDocumentSchema.parse({ subject: [], blocks: [block(1), block(2), block(3)] });
  await sent(documentOf('<p>Hi</p>'));
  const began = performance.now();
  const mail = await compileMail(document, BrandSchema.parse({}), words);
  expect(mail.links).toHaveLength(18_000);
  expect(performance.now() - began).toBeLessThan(4_000);
});
