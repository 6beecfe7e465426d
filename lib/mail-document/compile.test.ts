// From a document to the mail that a person gets.
import fc from 'fast-check';
import { expect, it, describe } from 'vitest';
import type { AttributeId, TagId } from '@/lib/db/ids';
import { compileMail } from './compile';
import { openRenderer, type Recipient } from './render';
import { BrandSchema, MailDocumentSchema, type MailDocument } from './schema';

const FIRST_NAME = 7 as AttributeId;
const VIP = 12 as TagId;
const words = { unsubscribe: 'Unsubscribe', preferences: 'Preferences', view: 'View in browser' };
const brand = BrandSchema.parse({});

const documentOf = (...blocks: unknown[]): MailDocument =>
  MailDocumentSchema.parse({
    subject: [{ type: 'text', text: 'News' }],
    blocks: blocks.map((block, index) => ({ id: `b${index}`, ...(block as object) })),
  });
const textBlock = (...line: unknown[]) => ({ kind: 'text', lines: [line] });
const said = (text: string, more: object = {}) => ({ type: 'text', text, ...more });
const firstName = { type: 'variable', attributeId: FIRST_NAME, fallback: 'friend' };

const nobody: Recipient = { values: new Map(), tags: new Set() };
const someone = (name: string, ...tags: TagId[]): Recipient => ({
  values: new Map([[FIRST_NAME, name]]),
  tags: new Set(tags),
});

async function rendered(document: MailDocument, to: Recipient = nobody) {
  const mail = await compileMail(document, brand, words);
  const links = mail.links.map(({ address }) => address);
  return {
    mail,
    ...openRenderer(mail)(to, {
      links,
      unsubscribe: 'https://t.example/u/1',
      preferences: 'https://t.example/p/1',
      view: 'https://t.example/v/1',
    }),
  };
}

describe('a value', () => {
  const greeting = documentOf(textBlock(said('Hello '), firstName, said('!')));

  it('stands in the subject, the HTML and the text', async () => {
    const document = { ...greeting, subject: MailDocumentSchema.shape.subject.parse([said('For '), firstName]) };
    const { subject, html, text } = await rendered(document, someone('Åsa'));
    expect(subject).toBe('For Åsa');
    expect(html).toContain('Hello Åsa!');
    expect(html).toContain('<title>For Åsa</title>');
    expect(text).toContain('Hello Åsa!');
  });

  it.each([
    ['nobody has one', nobody],
    ['it is blank', someone('  ')],
  ])('is the fallback where %s', async (_why, to) => {
    expect((await rendered(greeting, to)).text).toContain('Hello friend!');
  });

  it('cannot become markup, a template or a header', async () => {
    const evil = `<a href="https://evil.example">x</a>{{ unsubscribe_url }}{% if true %}\r\nBcc: a@b.example`;
    const document = { ...greeting, subject: MailDocumentSchema.shape.subject.parse([firstName]) };
    const { subject, html, text } = await rendered(document, someone(evil));
    expect(html).not.toContain('<a href="https://evil.example"');
    expect(html).toContain('{{ unsubscribe_url }}');
    expect(text).toContain('{{ unsubscribe_url }}');
    expect(subject).not.toMatch(/[\r\n]/);
  });
});

it('keeps every character that is typed, braces too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: fc.constantFrom('{', '}', '%', '-', 'a', ' ', '<', '&', "'", '"', 'é', '😀'), minLength: 1 }),
        { minLength: 1, maxLength: 4 },
      ),
      async (pieces) => {
        const document = documentOf(textBlock(...pieces.map((piece) => said(piece))));
        expect((await rendered(document)).text.startsWith(`${pieces.join('')}\n\n`)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

describe('a block only for some', () => {
  const document = documentOf(
    { ...textBlock(said('For VIPs')), onlyFor: { tagId: VIP, has: true } },
    { ...textBlock(said('For the others')), onlyFor: { tagId: VIP, has: false } },
    {
      kind: 'columns',
      onlyFor: { tagId: VIP, has: true },
      columns: [[{ id: 'c', ...textBlock(said('Left')) }], [{ id: 'd', ...textBlock(said('Right')) }]],
    },
  );
  it('is in their mail, in HTML and text', async () => {
    for (const part of ['html', 'text'] as const) {
      const [vip, other] = [(await rendered(document, someone('A', VIP)))[part], (await rendered(document))[part]];
      for (const words of ['For VIPs', 'Left', 'Right']) {
        expect(vip).toContain(words);
        expect(other).not.toContain(words);
      }
      expect(other).toContain('For the others');
      expect(vip).not.toContain('For the others');
    }
  });
});

describe('links', () => {
  it('with values are one for everybody, and what they need is read', async () => {
    const link = 'https://shop.example/{{a7}}?x={{a8}}';
    const { mail } = await rendered(
      documentOf(
        textBlock(said('here', { link })),
        { kind: 'image', source: 'https://a.example/a.png', alt: 'here', link },
        { kind: 'social', links: [{ network: 'x', link: 'https://x.example/{{a9}}' }] },
      ),
    );
    expect(mail.links).toEqual([
      { address: link, place: 'here' },
      { address: 'https://x.example/{{a9}}', place: 'X' },
    ]);
    expect(mail.attributeIds).toEqual([7, 8, 9]);
  });

  const button = { kind: 'button', label: [said('Buy')], link: 'https://shop.example/?a=1&b=2#top' };
  it('are numbered by place, and written as HTML', async () => {
    const { mail, html, text } = await rendered(
      documentOf(button, textBlock(said('here', { link: 'https://shop.example/' }))),
    );
    expect(mail.links).toEqual([
      { address: 'https://shop.example/?a=1&b=2#top', place: 'Buy' },
      { address: 'https://shop.example/', place: 'here' },
    ]);
    expect(html).toContain('href="https://shop.example/?a=1&amp;b=2#top"');
    expect(text).toContain('Buy: https://shop.example/?a=1&b=2#top');
    expect(text).toContain('here <https://shop.example/>');
  });
  it('are numbered with all that they are made of, also in what only some people see', async () => {
    const long = 'https://shop.example/?a=1&amp=2&b={{x}}#c&d';
    const document = documentOf(
      { ...button, link: long, onlyFor: { tagId: VIP, has: true } },
      {
        kind: 'columns',
        onlyFor: { tagId: VIP, has: false },
        columns: [[{ id: 'c', ...textBlock(said('left', { link: long })) }], [{ id: 'd', ...button }]],
      },
    );
    const mail = await compileMail(document, brand, words);
    expect(mail.links.map(({ address }) => address)).toEqual([long, long, button.link]);
    const links = mail.links.map((_, place) => `https://t.example/c/${place}`);
    const own = { links, unsubscribe: '', preferences: '', view: '' };
    const render = openRenderer(mail);
    const led = (to: Recipient) =>
      [...render(to, own).html.matchAll(/href="([^"]+)"/g)].map(([, address]) => address!).filter((one) => one !== '');
    expect(new Set(led(someone('A', VIP)))).toEqual(new Set([links[0]]));
    expect(new Set(led(nobody))).toEqual(new Set([links[1], links[2]]));
  });
  it.each(['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'data:text/html,x', 'java\nscript:x', '/relative', ' '])(
    'may not lead to %j',
    (link) => {
      expect(() => documentOf(textBlock(said('x', { link })))).toThrow();
      if (link.trim() !== '') expect(() => documentOf({ ...button, link })).toThrow();
    },
  );
  it('to leave and to choose are always there', async () => {
    const { html, text } = await rendered(documentOf());
    for (const part of [html, text])
      for (const page of ['u', 'p', 'v']) expect(part).toContain(`https://t.example/${page}/1`);
  });
});

describe('the HTML', () => {
  const everything = documentOf(
    { kind: 'heading', line: [said('Autumn')] },
    { kind: 'image', source: 'https://i.example/a.png', alt: 'A "tent" & more', width: 600 },
    textBlock(said('Bold', { marks: ['bold', 'italic'] }), { type: 'break' }, said('next')),
    { kind: 'text', list: 'bullets', lines: [[said('one')], [said('two')]] },
    { kind: 'divider' },
    { kind: 'button', label: [said('Buy')], link: 'https://shop.example/' },
    {
      kind: 'columns',
      columns: [
        [{ id: 'x', kind: 'image', source: 'https://i.example/b.png', alt: '' }],
        [{ id: 'y', ...textBlock(said('Right')) }],
      ],
    },
    { kind: 'social', links: [{ network: 'linkedin', link: 'https://linkedin.com/company/x' }] },
    { kind: 'footer', lines: [[said('Tagwell AB, Stockholm')]] },
  );
  it('stands without its style sheet and without what only Outlook reads', async () => {
    const { html } = await rendered(everything);
    expect(html).toContain('<!--[if mso');
    const bare = html.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<!--[\s\S]*?-->/g, '');
    expect(bare).toMatch(/class="mj-column-per-50[^"]*" style="[^"]*display:inline-block/);
    expect(bare).toContain('background:#1d4ed8');
    expect(bare).toContain('max-width:600px');
  });
  it('describes pictures, names its language and says nothing of empty ones', async () => {
    const { html } = await rendered(everything);
    expect(html).toContain('alt="A &quot;tent&quot; &amp; more"');
    expect(html).toMatch(/<html[^>]* lang="en"/);
    expect(html).toContain('<b><i>Bold</i></b>'.replace('<b><i>', '<i><b>').replace('</i></b>', '</b></i>'));
  });
  it('of a large document is below the size at which Gmail cuts', async () => {
    const many = documentOf(
      ...Array.from({ length: 60 }, () => textBlock(said('Lorem ipsum dolor sit amet. '.repeat(8)))),
    );
    expect(Buffer.byteLength((await rendered(many)).html)).toBeLessThan(102_000);
  });
});

describe('pictures', () => {
  const own = `/i/4/${'0f0e0d0c-0b0a-4908-8706-050403020100'}`;
  it('that were uploaded come from the host of the links', async () => {
    const { html } = await rendered(documentOf({ kind: 'image', source: own, alt: 'Tent', width: 300 }));
    expect(html).toMatch(new RegExp(`<img[^>]* src="https://t\\.example${own}"`));
    expect(html).toMatch(/<img[^>]* width="300"/);
  });
  it('have texts and addresses that stay what they are', async () => {
    const source = 'https://i.example/a.png?x={{unsubscribe_url}}&y="1"';
    const { html } = await rendered(documentOf({ kind: 'image', source, alt: '{{ view_url }} "x"' }));
    expect(html).toContain('src="https://i.example/a.png?x={{unsubscribe_url}}&amp;y=&quot;1&quot;"');
    expect(html).toContain('alt="{{ view_url }} &quot;x&quot;"');
  });
  it.each(['/i/4/../../x', '/i/4/x', 'data:image/png;base64,AA', '//evil.example/a.png', 'file:///etc/passwd'])(
    'are not at %j',
    (source) => {
      expect(() => documentOf({ kind: 'image', source })).toThrow();
    },
  );
});

it('has readers load nothing but the pictures', async () => {
  for (const font of ['system', 'sans', 'serif']) {
    const { html } = openRenderer(
      await compileMail(documentOf(textBlock(said('Hello'))), BrandSchema.parse({ font }), words),
    )(nobody, { links: [], unsubscribe: '', preferences: '', view: '' });
    expect(html).not.toMatch(/@import|<link|url\(|<script/);
    expect(html).not.toContain('fonts.');
  }
});

it('leaves out what a draft has not got yet', async () => {
  const { html, text } = await rendered(
    documentOf(
      { kind: 'image', source: '' },
      { kind: 'button', label: [said('Buy')], link: '' },
      { kind: 'social', links: [{ network: 'x', link: '' }] },
    ),
  );
  expect(html).not.toMatch(/<img|href=""/);
  expect(text).toContain('Buy');
});

it('has the logo above and the sender below, as text', async () => {
  const compiled = await compileMail(
    documentOf(textBlock(said('Hello'))),
    BrandSchema.parse({
      logo: { source: 'https://i.example/logo.png', alt: 'Fjällkök', width: 120, link: 'https://fjallkok.example/' },
      sentBy: 'Fjällkök <AB>\n{{ view_url }}',
    }),
    words,
  );
  const { html, text } = openRenderer(compiled)(nobody, {
    links: compiled.links.map(({ address }) => address),
    unsubscribe: 'https://t.example/u/1',
    preferences: 'https://t.example/p/1',
    view: 'https://t.example/v/1',
  });
  expect(html.indexOf('logo.png')).toBeLessThan(html.indexOf('Hello'));
  expect(html).toContain('Fjällkök &lt;AB&gt;<br>{{ view_url }}');
  expect(text).toContain('Fjällkök <AB>\n{{ view_url }}');
});

it('shows the picture that says that it was opened only where that is to be known', async () => {
  const mail = await compileMail(documentOf(textBlock(said('Hello'))), brand, words);
  const links = { links: [], unsubscribe: '', preferences: '', view: 'https://t.example/v/1' };
  const render = openRenderer(mail);
  const open = 'https://t.example/o/1.gif';
  expect(render(nobody, { ...links, open }).html).toContain(`<img src="${open}" width="1" height="1" alt=""`);
  for (const none of [links, { ...links, open: null }]) expect(render(nobody, none).html).not.toContain('height="1"');
});
