import { expect, it } from 'vitest';
import { keysIn } from './cells';

it.each<[string, string[]]>([
  ['a@x.se', ['a@x.se']],
  ['a@x.se; b@x.se', ['a@x.se', 'b@x.se']],
  ['a@x.se, b@x.se', ['a@x.se', 'b@x.se']],
  ['a@x.se / b@x.se', ['a@x.se', 'b@x.se']],
  ['a@x.se b@x.se', ['a@x.se', 'b@x.se']],
  ['a@x.se\r\nb@x.se', ['a@x.se', 'b@x.se']],
  ['a@x.se ::: b@x.se', ['a@x.se', 'b@x.se']],
  ['Bo Ask <b@x.se>', ['b@x.se']],
  ['"Ny, Anna" <a@x.se>', ['a@x.se']],
  ['Ny, Anna <a@x.se>; Bo <b@x.se>', ['a@x.se', 'b@x.se']],
  ['a@x.se <a@x.se>', ['a@x.se']],
  ['h@x.se (work)', ['h@x.se']],
  ['j@x.se;', ['j@x.se']],
  ['a/b@x.se', ['a/b@x.se']],
])('finds the addresses in %j', (cell, addresses) => {
  expect(keysIn('email', cell)).toEqual(addresses);
});

it.each(['a@x,se', 'a@x.se, n/a', 'Bcc: a@x.se', 'Bo Ask', '(a@x.se)', ';', 'a b@x.se', '<a@x> b@x.se'])(
  'leaves %j unchanged, so that it is rejected as a whole',
  (cell) => {
    expect(keysIn('email', cell)).toEqual([cell]);
  },
);

it('leaves other keys unchanged, except those that Google Contacts separates', () => {
  expect(keysIn('mobile', '+46 70 111 22 33 ::: +46 70 111 22 34')).toEqual(['+46 70 111 22 33', '+46 70 111 22 34']);
  expect(keysIn('crm_id', 'A, B')).toEqual(['A, B']);
});

it('is quick with a long cell', () => {
  for (const part of ['<', '(', '"', '<a', '(a)', 'a@x.se,', ' ', '/']) keysIn('email', part.repeat(100_000));
});
