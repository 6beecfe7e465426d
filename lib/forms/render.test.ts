// A form as HTML: read by a parser, as a browser would.
import { parseDocument, DomUtils } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { BrandSchema } from '@/lib/mail-document/schema';
import { previewOf, renderPage, styleOfForm } from './page';
import { renderForm, type FormView } from './render';
import { FormDocumentSchema, type FormDocument } from './schema';
import { TEMPLATES, documentFrom } from './templates';

const brand = BrandSchema.parse({});
type Draft = Record<string, unknown>;
const input = (id: string, type: string, more: Draft = {}): Draft => ({ id, kind: 'input', type, label: id, ...more });
const form = (steps: Draft[][], more: Draft = {}): FormDocument =>
  FormDocumentSchema.parse({ steps: steps.map((elements, index) => ({ id: `step${index}`, elements })), ...more });
const show = (document: FormDocument, view: Partial<FormView> = {}) => {
  const text = renderForm(document, { action: '/f/1-abc', brand, ...view });
  const tags = DomUtils.getElementsByTagName('*', parseDocument(text));
  const find = (name: string) => tags.filter((tag) => tag.attribs['name'] === name);
  return { text, tags, find, byId: (id: string) => tags.find((tag) => tag.attribs['id'] === id) };
};
const EVIL = `"><script>alert(1)</script>' onload=x <img src=x>`;

describe('a form', () => {
  it('is a label and a field for each question, with what browsers fill in', () => {
    const { find, tags, byId } = show(
      form([
        [
          input('mail', 'email', { required: true, help: 'We write once a month' }),
          input('first', 'text', { autofill: 'given-name' }),
          input('phone', 'mobile'),
          input('day', 'date'),
          input('menu', 'choice', { look: 'menu', choices: [{ value: 'a', label: 'A' }] }),
          input('list', 'several', { choices: [{ value: 'a' }, { value: 'b' }] }),
        ],
      ]),
    );
    expect(find('mail')[0]!.attribs).toMatchObject({ type: 'email', autocomplete: 'email', required: '' });
    expect(byId(find('mail')[0]!.attribs['aria-describedby']!)).toBeDefined();
    expect(find('first')[0]!.attribs).toMatchObject({ autocomplete: 'given-name' });
    expect(find('phone')[0]!.attribs).toMatchObject({ type: 'tel', autocomplete: 'tel' });
    expect(find('menu')[0]!.name).toBe('select');
    expect(find('list').map(({ attribs }) => attribs['type'])).toEqual(['checkbox', 'checkbox']);
    expect(tags.filter(({ name }) => name === 'legend')).toHaveLength(1);
    const labelled = new Set(tags.filter(({ name }) => name === 'label').map(({ attribs }) => attribs['for']));
    for (const id of ['mail', 'first', 'phone', 'day', 'menu']) expect(labelled).toContain(`e-${id}`);
    expect(tags.filter(({ name }) => name === 'script' || name === 'style')).toEqual([]);
  });

  it('keeps all that was entered, also what is wrong, and says so beside it and above', () => {
    const document = form([
      [
        input('mail', 'email', { required: true }),
        input('list', 'several', { choices: [{ value: 'a' }, { value: 'b' }] }),
        input('yes', 'yesno', { required: true }),
        input('text', 'lines'),
        { id: 'ok', kind: 'consent', label: 'News' },
      ],
    ]);
    const values = new Map([
      ['mail', [EVIL]],
      ['list', ['b']],
      ['text', [`\n</textarea>${EVIL}`]],
      ['ok', ['yes']],
    ]);
    const { text, find, byId, tags } = show(document, {
      values,
      problems: [
        { elementId: 'mail', key: 'notEmail' },
        { elementId: 'yes', key: 'neededChoice' },
      ],
    });
    expect(find('mail')[0]!.attribs).toMatchObject({ value: EVIL, 'aria-invalid': 'true', 'aria-describedby': 'p-mail' }); // prettier-ignore
    expect(DomUtils.textContent(byId('p-mail')!)).toContain('Enter an email address');
    expect(find('list').map(({ attribs }) => 'checked' in attribs)).toEqual([false, true]);
    expect(DomUtils.textContent(find('text')[0]!)).toBe(`\n\n</textarea>${EVIL}`);
    expect('checked' in find('ok')[0]!.attribs).toBe(true);
    expect(byId('said')!.attribs).toMatchObject({ role: 'alert', autofocus: '', tabindex: '-1' });
    const targets = tags.filter(({ name }) => name === 'a').map(({ attribs }) => attribs['href']!.slice(1));
    expect(targets).toEqual(['e-mail', 'e-yes-0']);
    for (const target of targets) expect(byId(target)).toBeDefined();
    expect(text).not.toMatch(/<script|<img/);
  });

  it('never has a box that is ticked beforehand', () => {
    const { find } = show(form([[{ id: 'ok', kind: 'consent', label: 'News' }, { id: 'terms', kind: 'terms', label: 'Terms' }]])); // prettier-ignore
    expect(['ok', 'terms'].map((name) => 'checked' in find(name)[0]!.attribs)).toEqual([false, false]);
    expect('required' in find('terms')[0]!.attribs).toBe(true);
  });

  it('writes what its author and its visitors wrote as text, wherever it stands', () => {
    const elements: Draft[] = [
      { id: 'h', kind: 'heading', text: EVIL },
      { id: 't', kind: 'text', text: `${EVIL}\n\n${EVIL}`, link: { label: EVIL, address: `https://x.example/"><script>` } }, // prettier-ignore
      input('a', 'choice', { label: EVIL, help: EVIL, choices: [{ value: EVIL, label: EVIL }] }),
      { id: 'c', kind: 'consent', label: EVIL },
    ];
    const document = form([elements], { texts: { submit: EVIL, optional: EVIL } });
    const page = previewOf(document, { brand, sectionName: EVIL, values: new Map([['a', [EVIL]]]), hidden: [['_r', EVIL]] }); // prettier-ignore
    const tags = DomUtils.getElementsByTagName('*', parseDocument(page));
    expect(tags.filter(({ name }) => name === 'script' || name === 'img')).toEqual([]);
    expect(tags.flatMap(({ attribs }) => Object.keys(attribs)).filter((name) => name.startsWith('on'))).toEqual([]);
  });
});

it('has a field that nobody sees, hears or fills in, which asks for nothing that a browser knows', () => {
  const html = renderForm(documentFrom('lead', { attributes: [], topics: [] }), {
    action: '/f/x',
    brand,
    trap: 'x12345678',
  });
  const [field] = /<div class="x" aria-hidden="true">.*?<\/div>/.exec(html) ?? [''];
  expect(field).toMatch(/<input name="x12345678" tabindex="-1" autocomplete="off">/);
  expect(field).not.toMatch(/name="(?:name|email|company|phone|url|website|address)/i);
});

describe('steps', () => {
  const document = form(
    [
      [input('a', 'text'), { id: 'camp', kind: 'hidden', parameter: 'c' }],
      [input('b', 'choice', { choices: [{ value: 'x' }, { value: 'y' }] })],
      [input('c', 'text', { shownIf: { elementId: 'b', values: ['x'] } }), input('d', 'text', { shownIf: { elementId: 'c', values: ['1'] } })], // prettier-ignore
    ],
    { language: 'sv' },
  );

  it('come one at a time, with all that was entered in the others', () => {
    const values = new Map([
      ['a', ['<1>']],
      ['b', ['x']],
      ['c', ['later']],
      ['camp', ['spring']],
    ]);
    const { find, text } = show(document, { values, stepId: 'step1' });
    expect(text).toContain('Steg 2 av 3');
    expect(find('a')[0]!.attribs).toMatchObject({ type: 'hidden', value: '<1>' });
    expect(find('c')[0]!.attribs).toMatchObject({ type: 'hidden', value: 'later' });
    expect(find('camp')[0]!.attribs).toMatchObject({ type: 'hidden', value: 'spring' });
    expect(find('b').map(({ attribs }) => attribs['type'])).toEqual(['radio', 'radio']);
    // Enter presses the first button.
    expect(find('_go').map(({ attribs }) => attribs['value'])).toEqual(['next', 'back']);
    expect(find('_s')[0]!.attribs['value']).toBe('step1');
  });

  it('that ask nothing by what was answered are left out', () => {
    const { text } = show(document, { values: new Map([['b', ['y']]]), stepId: 'step1' });
    expect(text).toContain('Steg 2 av 2');
    expect(text).toContain('>Skicka<');
  });

  it('have a question that may come to be shown by an answer in the same step', () => {
    const { byId, find } = show(document, { values: new Map([['b', ['x']]]), stepId: 'step2' });
    expect(find('c')[0]!.attribs['type']).toBe('text');
    expect(byId('w-d')).toBeDefined();
  });
});

it.each(TEMPLATES)('the page of the template “%s” has less than 15 kB', (template) => {
  const document = documentFrom(template, { attributes: [], topics: [] });
  const view = { action: '/f/1-abcdefghij', brand, trap: 'x12345678', hidden: [['_t', 'x'.repeat(80)]] as const };
  const frame = { language: document.language, title: 'x', style: styleOfForm(document, brand), script: '/f/form.js' };
  expect(Buffer.byteLength(renderPage(frame, renderForm(document, view)))).toBeLessThan(12_000);
});
