// What somebody types as a link is what the link leads to, or is refused.
import { expect, it } from 'vitest';
import { meantAddress } from './link-address';

it.each([
  ['https://a.example/?x=1&y=2#top', 'https://a.example/?x=1&y=2#top'],
  [' www.a.example/sale ', 'https://www.a.example/sale'],
  ['a.example:8443/x', 'https://a.example:8443/x'],
  ['//a.example', 'https://a.example'],
  ['anna@a.example', 'mailto:anna@a.example'],
  ['mailto:anna@a.example?subject=Hi', 'mailto:anna@a.example?subject=Hi'],
  ['tel:+4681234567', 'tel:+4681234567'],
  ['http://räksmörgås.example/', 'http://räksmörgås.example/'],
])('%j is %j', (typed, address) => {
  expect(meantAddress(typed)).toBe(address);
});

it.each([
  '',
  ' ',
  'shop',
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  'data:text/html,x',
  'file:///etc',
  'a b.example',
  'https://',
])('%j is none', (typed) => {
  expect(meantAddress(typed)).toBeUndefined();
});
