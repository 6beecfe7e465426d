// What an author is told before a message is sent.
import { expect, it } from 'vitest';
import { EXAMPLES } from './examples';
import { problemsOf } from './problems';
import { MailDocumentSchema } from './schema';

const problemsIn = (document: object) => problemsOf(MailDocumentSchema.parse({ subject: said('News'), ...document }));
const said = (text: string) => [{ type: 'text', text }];
const text = { id: 'text', kind: 'text', lines: [said('Hello')] };
const fine = { preheader: said('Autumn'), blocks: [text] };

it('has nothing to say about a mail that is complete', () => {
  expect(problemsIn(fine)).toEqual([]);
});

it.each([
  [
    'a text to start from that is still there',
    { ...fine, blocks: [text, { id: 't', kind: 'text', lines: [said(EXAMPLES.howItWorks)] }] },
    't',
  ],
  ['a subject of blanks', { ...fine, subject: said('  ') }, null],
  ['no content', { ...fine, blocks: [{ id: 'line', kind: 'divider' }] }, null],
  [
    'a button without text',
    { ...fine, blocks: [text, { id: 'b', kind: 'button', label: [], link: 'https://a.se' }] },
    'b',
  ],
  [
    'a button without a link',
    { ...fine, blocks: [text, { id: 'b', kind: 'button', label: said('Buy'), link: '' }] },
    'b',
  ],
  ['an image without a picture', { ...fine, blocks: [text, { id: 'i', kind: 'image', source: '' }] }, 'i'],
  [
    'a linked image without a description',
    { ...fine, blocks: [text, { id: 'i', kind: 'image', source: 'https://a.se/a.png', link: 'https://a.se' }] },
    'i',
  ],
  [
    'a social link that is missing, within columns',
    {
      ...fine,
      blocks: [
        {
          id: 'c',
          kind: 'columns',
          columns: [[text], [{ id: 's', kind: 'social', links: [{ network: 'x', link: '' }] }]],
        },
      ],
    },
    's',
  ],
  [
    'a value without a fallback',
    { ...fine, blocks: [{ ...text, lines: [[{ type: 'variable', attributeId: 1, fallback: ' ' }]] }] },
    'text',
  ],
  [
    'a link with a name that nobody knows',
    {
      ...fine,
      blocks: [text, { id: 'b', kind: 'button', label: said('Buy'), link: 'https://a.se/{{Emial}}?x={{a1}}' }],
    },
    'b',
  ],
  ['a field of Liquid in a text', { ...fine, blocks: [{ ...text, lines: [said('Receipt {{order}}')] }] }, 'text'],
  [
    'a field that marks cut in pieces',
    {
      ...fine,
      blocks: [
        { ...text, lines: [[...said('{{ '), { type: 'text', text: 'order', marks: ['bold'] }, ...said(' }}')]] },
      ],
    },
    'text',
  ],
  ['a field in the subject', { ...fine, subject: said('Hello {{ first_name }}') }, null],
  ['a field in the preview text', { ...fine, preheader: said('For {% if vip %}') }, null],
  [
    'a field on a button',
    { ...fine, blocks: [text, { id: 'b', kind: 'button', label: said('Order *|ORDER|*'), link: 'https://a.se' }] },
    'b',
  ],
  [
    'a field in the description of a picture',
    { ...fine, blocks: [text, { id: 'i', kind: 'image', source: 'https://a.se/a.png', alt: 'For {{name}}' }] },
    'i',
  ],
  ['a value without a fallback in the subject', { ...fine, subject: [{ type: 'variable', attributeId: 1 }] }, null],
])('does not let %s go out', (_what, document, blockId) => {
  expect(problemsIn(document)).toEqual([expect.objectContaining({ must: true, blockId })]);
});

it('asks for no words instead of a value in a link', () => {
  const link = 'https://a.se/{{a1}}';
  expect(problemsIn({ ...fine, blocks: [{ ...text, lines: [[{ type: 'text', text: 'here', link }]] }] })).toEqual([]);
});

it('advises on what inboxes show, on pictures and on links', () => {
  const words = problemsIn({
    subject: said('x'.repeat(90)),
    blocks: [
      { ...text, lines: [[{ type: 'text', text: 'here', link: 'http://old.example/' }]] },
      { id: 'i', kind: 'image', source: 'https://a.se/a.png' },
    ],
  });
  expect(words.every(({ must }) => !must)).toBe(true);
  expect(words.map((problem) => problem.words)).toEqual([
    expect.stringContaining('90 characters'),
    expect.stringContaining('no preview text'),
    expect.stringContaining('http://old.example/'),
    expect.stringContaining('no description'),
  ]);
});

it('leaves braces alone that are no field, and values between braces', () => {
  const value = { type: 'variable', attributeId: 1, fallback: 'you' };
  expect(
    problemsIn({ ...fine, blocks: [{ ...text, lines: [said('a { b } {{'), [...said('{{'), value, ...said('}}')]] }] }),
  ).toEqual([]);
});

it('names what is hidden at its block, also in columns, and in the subject', () => {
  const vip = { ...text, onlyFor: { tagId: 7, has: true } };
  const city = { type: 'variable', attributeId: 9, fallback: 'you' };
  const document = MailDocumentSchema.parse({
    ...fine,
    subject: [...said('For '), city],
    blocks: [{ id: 'c', kind: 'columns', columns: [[vip], [{ ...text, id: 'other' }]] }],
  });
  const hidden = { tags: [{ id: 7, name: 'VIP' }], attributes: [{ id: 9, name: 'City' }] };
  expect(problemsOf(document, hidden as never)).toEqual([
    { blockId: null, must: true, words: expect.stringContaining('“City” is hidden') as string },
    { blockId: 'text', must: true, words: expect.stringContaining('“VIP” is hidden') as string },
  ]);
  expect(problemsOf(document)).toEqual([]);
});
