// What somebody types as a link is what the link leads to, or is refused.
import { expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { VALUES_PLACE } from '@/lib/mail-document/link-values';
import { meantAddress, NO_ADDRESS, readLink } from './link-address';

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

const attributes = [{ id: 12 as AttributeId, name: 'First name' }];
const said = (words: string) => expect.stringContaining(words) as string;

it.each([
  ['shop.example/{{first NAME}}?x={{#9}}', 'https://shop.example/{{a12}}?x={{a9}}', null],
  ['anna@a.example', 'mailto:anna@a.example', null],
  // Kept as it was typed: the checks of the message say so until it is put right.
  ['https://a.example/{{Fist name}}', 'https://a.example/{{Fist name}}', said('no value “Fist name”')],
  ['https://a.example/{{First name|x}}', 'https://a.example/{{First name|x}}', said('Write {{First name}}')],
  ['https://a.example/{{Fir', 'https://a.example/{{Fir', said('braces')],
  ['https://a.example/{{a12}}', null, said('no value “a12”')],
  ['https://{{First name}}.example/', null, VALUES_PLACE],
  ['anna+{{First name}}@a.example', null, VALUES_PLACE],
  ['a.example:{{First name}}', null, VALUES_PLACE],
  ['shop', null, NO_ADDRESS],
])('%j is read as %j', (typed, address, problem) => {
  expect(readLink(typed, attributes)).toEqual({ address, problem });
});
