// Descriptions, owner notes and notes: the same rules for all.
import { describe, expect, it } from 'vitest';
import { NoteTextSchema } from '@/lib/notes/schema';
import { DescriptionSchema } from './prose';

describe.each([
  ['a description', DescriptionSchema, 1_000],
  ['a note', NoteTextSchema, 5_000],
] as const)('%s', (_name, schema, most) => {
  it.each([
    ['paid \u202Egpj.exe\u202C', 'paid gpj.exe'],
    ['\u2066a\u2067b\u2068c\u2069', 'abc'],
    ['\u202Aa\u202Bb\u202Dc', 'abc'],
    ['zero\u200Bwidth\u200D \uFEFF', 'zerowidth'],
    ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
  ])('%j becomes %j', (text, expected) => expect(schema.parse(text)).toBe(expected));

  it.each(['👩‍💻 and 👨‍👩‍👧', '❤️‍🔥', 'می‌خواهم', 'e\u0301 stays as typed', 'one\n\n\ttwo'])('keeps %j', (text) =>
    expect(schema.parse(text)).toBe(text),
  );

  it('has a limit, also before it is read', () => {
    expect(schema.parse('x'.repeat(most))).toHaveLength(most);
    for (const length of [most + 1, most * 2 + 1]) {
      const problem = schema.safeParse('x'.repeat(length)).error?.issues;
      expect(problem).toMatchObject([{ message: expect.stringContaining(most.toLocaleString('en-GB')) as string }]);
    }
  });
});
