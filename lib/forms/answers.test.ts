// What visitors send, and what nobody should: typed answers or a problem beside the field, and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseKey } from '@/lib/profiles/keys';
import { isStorable } from '@/lib/text/storable';
import { readAnswers } from './answers';
import { LINES_MAX, TEXT_MAX } from './limits';
import { FormDocumentSchema, type FormDocument } from './schema';

type Draft = Record<string, unknown>;
const input = (id: string, type: string, more: Draft = {}): Draft => ({ id, kind: 'input', type, label: id, ...more });
const form = (elements: Draft[], more: Draft = {}): FormDocument =>
  FormDocumentSchema.parse({ steps: [{ id: 'one', elements }], ...more });
const send = (document: FormDocument, fields: [string, string][]) => readAnswers(document, new URLSearchParams(fields));
const one = (type: string, text: string, more: Draft = {}) => {
  const { answers, problems } = send(form([input('a', type, more)]), [['a', text]]);
  return problems[0]?.key ?? answers['a'];
};
const COLOURS = { choices: [{ value: 'Red' }, { value: 'Blue' }, { value: '<b>"Green"' }] };

describe('one answer', () => {
  it('is no longer than the value that it becomes', () => {
    const [text, asValue] = ['x'.repeat(TEXT_MAX + 1), { attributeId: 1 }];
    expect(one('lines', text)).toBe(text);
    expect(one('lines', text, asValue)).toBe('tooLong');
  });

  it.each([
    ['text', '  Anna  Åström ', 'Anna Åström'],
    ['text', 'a\r\nb\tc', 'a b c'],
    ['text', '\u0000Anna\u0007', 'Anna'],
    ['text', 'gn.\u202Eexe', 'gn.exe'],
    ['text', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['text', `'; drop table form; --`, `'; drop table form; --`],
    ['text', '=1+1', '=1+1'],
    ['text', 'x'.repeat(TEXT_MAX), 'x'.repeat(TEXT_MAX)],
    ['text', 'x'.repeat(TEXT_MAX + 1), 'tooLong'],
    ['lines', 'one\r\n\r\ntwo\rthree', 'one\n\ntwo\nthree'],
    ['lines', 'x'.repeat(LINES_MAX + 1), 'tooLong'],
    ['lines', '\r\n'.repeat(9_000), undefined],
    ['email', ' Anna@Example.COM ', 'anna@example.com'],
    ['email', 'anna@example.com\r\nBcc: all@example.com', 'notEmail'],
    ['email', 'anna@example.com\u0000', 'notEmail'],
    ['email', 'anna@exam\u200Bple.com', 'anna@example.com'],
    ['email', 'anna', 'notEmail'],
    ['email', 'a@b.c, d@e.f', 'notEmail'],
    ['mobile', '+46 70-123 45 67', '46701234567'],
    ['mobile', '070-123 45 67', 'notMobile'],
    ['mobile', 'one', 'notMobile'],
    ['number', '1 234,5', '1234.5'],
    ['number', '-7', '-7'],
    ['number', 'seven', 'notNumber'],
    ['number', '١٬٢٣٤٫٥', '1234.5'],
    ['number', '۱۲', '12'],
    ['mobile', '+٤٦ ٧٠ ١٢٣ ٤٥ ٦٧', '46701234567'],
    ['date', '٣٠.١١.٢٠٢٦', '2026-11-30'],
    ['number', '9'.repeat(400), 'notNumber'],
    ['date', '2026-11-30', '2026-11-30'],
    ['date', '30.11.2026', '2026-11-30'],
    ['date', '2026-02-30', 'notDate'],
    ['date', 'tomorrow', 'notDate'],
    ['yesno', 'yes', true],
    ['yesno', 'no', false],
    ['yesno', 'perhaps', 'notChoice'],
    ['text', '', undefined],
    ['email', '   ', undefined],
  ])('%s %#', (type, text, expected) => {
    expect(one(type, text)).toEqual(expected);
  });

  it.each([
    ['SE', '070-123 45 67', '46701234567'],
    ['SE', '701234567', '46701234567'],
    ['SE', '+44 7911 123456', '447911123456'],
    ['GB', '07911 123456', '447911123456'],
    ['SE', '08-123', 'notMobile'],
    ['XX', '070-123 45 67', 'notMobile'],
    ['XX', '+46 70-123 45 67', '46701234567'],
  ])('of a mobile number in %s %#', (country, text, expected) => {
    expect(one('mobile', text, { country })).toEqual(expected);
  });

  it('is one of the choices, as the form writes it', () => {
    expect(one('choice', 'Blue', COLOURS)).toBe('Blue');
    expect(one('choice', '<b>"Green"', COLOURS)).toBe('<b>"Green"');
    expect(one('choice', 'blue', COLOURS)).toBe('notChoice');
    expect(one('choice', '', COLOURS)).toBeUndefined();
    const several = form([input('a', 'several', COLOURS)]);
    const both: [string, string][] = [
      ['a', 'Blue'],
      ['a', 'Red'],
      ['a', 'Blue'],
    ];
    expect(send(several, both).answers).toEqual({ a: ['Red', 'Blue'] });
    expect(send(several, [...both, ['a', 'Black']]).problems).toEqual([{ elementId: 'a', key: 'notChoice' }]);
  });

  it('reads a number as people of the language write it', () => {
    const of = (language: string, text: string) =>
      send(form([input('a', 'number')], { language }), [['a', text]]).answers['a'];
    expect(of('en', '1,500')).toBe('1500');
    expect(of('sv', '1,500')).toBe('1.5');
    expect(of('de', '1.500')).toBe('1500');
  });

  it('is asked for where it is required, in words that fit', () => {
    const document = form([
      input('a', 'text', { required: true }),
      input('b', 'choice', { required: true, ...COLOURS }),
      input('c', 'yesno', { required: true }),
      { id: 'd', kind: 'consent', label: 'News', required: true },
      { id: 'e', kind: 'terms', label: 'Terms' },
    ]);
    expect(send(document, [['a', ' \u200B ']]).problems).toEqual([
      { elementId: 'a', key: 'needed' },
      { elementId: 'b', key: 'neededChoice' },
      { elementId: 'c', key: 'neededChoice' },
      { elementId: 'd', key: 'neededTick' },
      { elementId: 'e', key: 'neededTick' },
    ]);
  });

  it('of a box is whether it was ticked, also in a form that somebody wrote themselves', () => {
    const document = form([{ id: 'a', kind: 'consent', label: 'News' }]);
    expect(send(document, [['a', 'yes']]).answers).toEqual({ a: true });
    expect(send(document, [['a', 'on']]).answers).toEqual({ a: true });
    expect(send(document, [['a', 'no']]).answers).toEqual({ a: false });
    expect(send(document, []).answers).toEqual({ a: false });
  });

  it('of the address is only what the form allows', () => {
    const document = form([
      { id: 'a', kind: 'hidden', parameter: 'campaign', allowed: ['spring', 'autumn'] },
      { id: 'b', kind: 'hidden', parameter: 'from' },
    ]);
    expect(send(document, [['a', 'spring'], ['b', ' a\nb ']]).answers).toEqual({ a: 'spring', b: 'a b' }); // prettier-ignore
    expect(send(document, [['a', 'winter'], ['b', 'x'.repeat(501)]]).answers).toEqual({}); // prettier-ignore
  });
});

describe('conditions', () => {
  const document = form([
    input('kind', 'choice', { choices: [{ value: 'company' }, { value: 'person' }] }),
    input('name', 'text', { required: true, shownIf: { elementId: 'kind', values: ['company'] } }),
    input('size', 'yesno', { shownIf: { elementId: 'name', values: ['Acme'] } }),
    input('more', 'text', { required: true, shownIf: { elementId: 'size', values: ['yes'] } }),
    input('left', 'text', { shownIf: { elementId: 'gone', values: ['x'] } }),
  ]);

  it('ask for nothing that is not shown, and keep nothing of it', () => {
    expect(send(document, [['kind', 'person'], ['name', 'Acme'], ['size', 'yes'], ['more', 'x'], ['left', 'y']])).toEqual({ answers: { kind: 'person', left: 'y' }, problems: [] }); // prettier-ignore
  });

  it('ask for what is shown, through several of them', () => {
    expect(send(document, [['kind', 'company']]).problems).toEqual([{ elementId: 'name', key: 'needed' }]);
    expect(send(document, [['kind', 'company'], ['name', 'Acme'], ['size', 'yes']]).problems).toEqual([{ elementId: 'more', key: 'needed' }]); // prettier-ignore
  });
});

describe('whatever is sent', () => {
  it('only what the form has is read, of ten thousand fields too', () => {
    const fields = Array.from({ length: 10_000 }, (_, index): [string, string] => [`x${index}`, 'y']);
    const names: [string, string][] = ['__proto__', 'constructor', 'toString', '_t', 'a[b]'].map((name) => [name, 'z']);
    const document = form([input('constructor', 'text'), input('a', 'text')]);
    const began = performance.now();
    const { answers } = send(document, [...fields, ...names, ['a', 'kept']]);
    expect(answers).toEqual({ constructor: 'z', a: 'kept' });
    expect(Object.getPrototypeOf(answers)).toBe(Object.prototype);
    expect(performance.now() - began).toBeLessThan(200);
    const many = Array.from({ length: 10_000 }, (_, index): [string, string] => ['a', String(index)]);
    expect(send(document, many).answers).toEqual({ a: '0' });
  });

  const document = form([
    input('text', 'text'),
    input('lines', 'lines'),
    input('email', 'email', { required: true }),
    input('mobile', 'mobile'),
    input('number', 'number'),
    input('date', 'date'),
    input('choice', 'choice', COLOURS),
    input('several', 'several', { ...COLOURS, shownIf: { elementId: 'yesno', values: ['yes'] } }),
    input('yesno', 'yesno'),
    { id: 'consent', kind: 'consent', label: 'News' },
    { id: 'hidden', kind: 'hidden', parameter: 'p' },
  ]);
  const name = fc.oneof(fc.constantFrom('text', 'lines', 'email', 'mobile', 'number', 'date', 'choice', 'several', 'yesno', 'consent', 'hidden'), fc.string()); // prettier-ignore
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('yes', 'no', 'Red', 'Blue', 'on', 'a@b.se', '+46701234567', '\u0000', '\u202E', '\ud800', '1e999'),
  );

  it('answers are of their type, can be stored, and read back as themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 30 }), (fields) => {
        const { answers, problems } = send(document, fields);
        for (const [id, answer] of Object.entries(answers)) {
          const texts = Array.isArray(answer) ? answer : [String(answer)];
          expect(texts.every(isStorable)).toBe(true);
          if (id === 'email') expect(normaliseKey('email', String(answer))).toEqual({ ok: true, key: answer });
          if (id === 'mobile') expect(normaliseKey('mobile', String(answer))).toEqual({ ok: true, key: answer });
          if (id === 'number') expect(Number.isFinite(Number(answer))).toBe(true);
          if (id === 'date') expect(answer).toMatch(/^\d{4}-\d{2}-\d{2}$/);
          if (id === 'text' || id === 'hidden') expect(answer).not.toMatch(/[\r\n]/);
        }
        // One way or the other, but not both, and what is required is never passed over.
        for (const { elementId } of problems) expect(answers).not.toHaveProperty(elementId);
        expect('email' in answers || problems.some(({ elementId }) => elementId === 'email')).toBe(true);
        const sent = Object.entries(answers).flatMap(
          ([id, answer]): [string, string][] =>
          (Array.isArray(answer) ? answer : [answer]).map((each) => [id, typeof each === 'boolean' ? (each ? 'yes' : 'no') : each]), // prettier-ignore
        );
        expect(send(document, sent).answers).toEqual(answers);
      }),
    );
  });
});
