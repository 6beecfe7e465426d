// What is typed comes back as it was, and what a page pasted comes back only as far as a document can hold it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { MailDocumentSchema, type Inline } from '@/lib/mail-document/schema';
import { toEditor, toLines, toPlainLine } from './rich-lines';

const marks = fc.subarray(['bold', 'italic', 'underline'] as const);
const piece: fc.Arbitrary<Inline> = fc.oneof(
  fc.record({
    type: fc.constant('text' as const),
    text: fc.string({ minLength: 1 }).filter((text) => !/[\n\r]/.test(text)),
    marks,
    link: fc.constantFrom(null, 'https://a.example/?x=1&y=2', 'mailto:a@b.example'),
  }),
  fc.record({
    type: fc.constant('variable' as const),
    attributeId: fc.constantFrom(1 as AttributeId, 7 as AttributeId),
    fallback: fc.string({ maxLength: 20 }),
    marks,
  }),
  fc.record({
    type: fc.constant('given' as const),
    name: fc.constantFrom('order_number', 'total'),
    fallback: fc.string({ maxLength: 20 }),
    marks,
  }),
  fc.constant({ type: 'break' as const }),
);

it('comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece), { minLength: 1 }), (lines) => {
      expect(toLines(toEditor(lines))).toEqual(lines);
    }),
  );
});

it('is plain in a subject: without marks, links and breaks', () => {
  fc.assert(
    fc.property(fc.array(piece), (line) => {
      const plain = toPlainLine(toEditor([line]));
      expect(MailDocumentSchema.shape.subject.max(1_000).safeParse(plain).success || plain.length > 50).toBe(true);
      expect(plain.every((one) => !('marks' in one) && !('link' in one))).toBe(true);
    }),
  );
});

it('keeps no link that could run anything, and no variable without an attribute', () => {
  const text = (href: string) => ({
    type: 'text',
    text: 'x',
    marks: [{ type: 'link', attrs: { href } }, { type: 'textStyle' }],
  });
  const lines = toLines({
    type: 'doc',
    content: [
      {
        type: 'paragraph',
        content: [
          text('javascript:alert(1)'),
          text('data:text/html,x'),
          text('https://{{a1}}.example/'),
          { type: 'variable', attrs: { attributeId: 'x' } },
          { type: 'variable', attrs: { attributeId: null, given: '{{ x }}' } },
        ],
      },
    ],
  });
  expect(lines).toEqual([
    [
      { type: 'text', text: 'x', marks: [], link: null },
      { type: 'text', text: 'x', marks: [], link: null },
      { type: 'text', text: 'x', marks: [], link: null },
    ],
  ]);
});
