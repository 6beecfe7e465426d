// Members as lines of COPY.
import { expect, it } from 'vitest';
import type { Attribute } from '@/lib/attributes/schema';
import { knownById } from './known-by-id';
import { memberLine, memberOf, type Member } from './stage';

const MEMBER: Member = {
  key: 'person:1',
  name: 'Ann',
  emails: ['ann@x.se'],
  mobiles: [],
  crmId: '1',
  custom: [],
  attributes: {},
  fills: {},
  active: true,
  mergedInto: null,
};

const columns = (member: Partial<Member>): string[] =>
  memberLine([1, 2, 3], { ...MEMBER, ...member })
    .replace(/\n$/, '')
    .split('\t');

it('has a column for each value', () => {
  expect(columns({ attributes: { lastname: 'Berg' } })).toEqual([
    ...['1', '2', '3', 'person:1', 'Ann', '{"ann@x.se"}', '{}', '1', '{}', '{"lastname":"Berg"}', '{}', 't', '\\N'],
    ...['\\N', '0'],
  ]);
});

it('escapes what ends a column or a line', () => {
  expect(columns({ name: 'a\tb\\c\nd\re' })[4]).toBe('a\\tb\\\\c\\nd\\re');
});

it('leaves out what PostgreSQL cannot store, and only that', () => {
  const [, , , , name, , , , , attributes, fills] = columns({
    name: 'a\0b',
    attributes: { half: 'x\ud83d', nul: 'a\0b', written: '\\u0000', whole: '😀' },
    fills: { half: '\udc00' },
  });
  expect(name).toBe('ab');
  const json = (column: string) => JSON.parse(column.replaceAll('\\\\', '\\')) as unknown;
  expect(json(attributes!)).toEqual({ half: 'x\ufffd', nul: 'ab', written: '\\u0000', whole: '😀' });
  expect(json(fills!)).toEqual({ half: '\ufffd' });
});

it('changes no attribute that follows a key, and none whose field was left out', () => {
  const options = {
    country: null,
    match: ['email' as const],
    custom: null,
    fields: ['mail', 'first', 'last'].map((field, at) => ({
      field,
      code: ['email', 'firstname', 'lastname'][at]!,
      existing: 'overwrite' as const,
    })),
  };
  const attributes = new Map(
    (['email', 'firstname', 'lastname'] as const).map((code) => [
      code,
      { code, type: 'text', system: true } as Attribute,
    ]),
  );
  const contact = { ...knownById('person', '1'), fields: { mail: 'other@x.se', first: null } };
  expect(memberOf(contact, options, attributes).attributes).toEqual({ firstname: null });
});
