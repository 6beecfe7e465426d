import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contrastOf } from '@/lib/mail-document/contrast';
import { BrandSchema } from '@/lib/mail-document/schema';
import { LookSchema } from './look';
import { FormDocumentSchema } from './schema';
import { conditionsStyle, legible, styleOf, textOn } from './style';

const colour = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`);

const variablesIn = (style: string) =>
  [...style.matchAll(/:root\{color-scheme:(\w+);([^}]+)\}/g)].map(([, scheme, text]) => ({
    scheme,
    ...(Object.fromEntries([...text!.matchAll(/--([\w-]+):(#[0-9a-f]{6})/gi)].map(([, name, value]) => [name, value])) as Record<string, string>), // prettier-ignore
  }));

it('can be read whatever colours are chosen, in the light and in the dark', () => {
  fc.assert(
    fc.property(fc.tuple(colour, colour, colour, colour), ([accent, background, paper, text]) => {
      const brand = BrandSchema.parse({ accent, background, paper, text });
      const schemes = variablesIn(styleOf(LookSchema.parse({ scheme: 'auto' }), brand));
      expect(schemes.map(({ scheme }) => scheme)).toEqual(['light', 'dark']);
      for (const { ground, ink, muted, link, bad, line, edge, accent: chosen, 'on-accent': on } of schemes as Record<
        string,
        string
      >[]) {
        // prettier-ignore
        for (const each of [ink, muted, link, bad]) expect(contrastOf(each!, ground!)).toBeGreaterThanOrEqual(4.5);
        for (const each of [line, edge]) expect(contrastOf(each!, ground!)).toBeGreaterThanOrEqual(3);
        expect(contrastOf(on!, chosen!)).toBeGreaterThanOrEqual(4.5);
      }
    }),
  );
});

it('has one ground on a phone, and lies on the page where there is room', () => {
  const style = styleOf(LookSchema.parse({}), BrandSchema.parse({}));
  expect(style).toMatch(/\nbody\{[^}]*background:var\(--ground\)/);
  expect(style.match(/[^{}]*\{[^{}]*var\(--page\)[^{}]*\}/g)).toEqual(['body:not(.in){background:var(--page)}']);
  expect(style).toContain('@media(min-width:44rem){body:not(.in){background:var(--page)}');
});

it('keeps a colour that can be read as it is', () => {
  expect(legible('#0a5751', ['#ffffff'], 4.6)).toBe('#0a5751');
  expect(textOn('#0a5751')).toBe('#ffffff');
  expect(textOn('#ffd500')).toBe('#000000');
});

it('shows by what is chosen in the same step, also in a chain, and by nothing of an earlier one', () => {
  const input = (id: string, more: object) => ({ id, kind: 'input', label: id, type: 'text', ...more });
  const document = FormDocumentSchema.parse({
    steps: [
      {
        id: 'one',
        elements: [
          input('a', { type: 'choice', choices: [{ value: 'x' }, { value: '"]{}</style>' }] }),
          input('b', { type: 'choice', look: 'menu', choices: [{ value: 'y' }], shownIf: { elementId: 'a', values: ['"]{}</style>'] } }), // prettier-ignore
          input('c', { shownIf: { elementId: 'b', values: ['y'] } }),
          input('d', { shownIf: { elementId: 'a', values: ['gone'] } }),
        ],
      },
      { id: 'two', elements: [input('e', { shownIf: { elementId: 'a', values: ['x'] } })] },
    ],
  });
  const style = conditionsStyle(document);
  expect(style).toContain('form:has(#e-a-1:checked) #w-b{display:block}');
  expect(style).toContain('form:has(#e-b>:nth-child(2):checked):has(#e-a-1:checked) #w-c{display:block}');
  expect(style).toContain('form:has(:not(*)) #w-d{display:block}');
  expect(style).not.toContain('#w-e');
  expect(style).not.toContain('<');
});
