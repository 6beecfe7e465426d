// Web addresses in the text of an SMS: what of it is the address, and what becomes of it.
import { expect, it } from 'vitest';
import type { AttributeId, TagId } from '@/lib/db/ids';
import { uncountedAddresses, withLinks } from './sms-links';
import { smsFor } from './sms-text';
import { readSms } from './sms-written';

const NAMES = { attributes: [{ id: 4 as AttributeId, name: 'City' }], tags: [{ id: 7 as TagId, name: 'VIP' }] };
const read = (written: string) => readSms(written, NAMES).text;

/** Each found address in angle brackets, as somebody without tags gets it. */
const marked = (written: string, tags: TagId[] = []) => {
  const { text, links } = withLinks(read(written));
  const person = { values: new Map<AttributeId, string>(), tags: new Set(tags) };
  return smsFor(text, person, { optOut: 'OUT', links: links.map(({ address }) => `<${address}>`) });
};

it.each([
  ['See https://shop.example/a.', 'See <https://shop.example/a>.'],
  [
    '(https://shop.example/a_(b)?c=1&d=2#e), HTTP://X.example!?',
    '(<https://shop.example/a_(b)?c=1&d=2#e>), <HTTP://X.example>!?',
  ],
  ['[https://a.example/x]: "https://b.example/"…', '[<https://a.example/x>]: "<https://b.example/>"…'],
  [
    '“https://a.example”\nhttps://a.example/ö\thttps://xn--4ca.example',
    '“<https://a.example>”\n<https://a.example/ö>\t<https://xn--4ca.example>',
  ],
  ['https://web.archive.example/https://a.example', '<https://web.archive.example/https://a.example>'],
  [
    'xhttps://a.example ftp://a.example www.a.example https:// https://?',
    'xhttps://a.example ftp://a.example www.a.example https:// https://?',
  ],
  ['https://a.example/)))...', '<https://a.example/>)))...'],
  ['https://a.example {Opt-out link}', '<https://a.example> OUT'],
])('in %j it is found without the punctuation around it', (written, expected) => {
  expect(marked(written)).toBe(expected);
});

it('one that goes on in a value or in a part for some is sent as it stands, and said to be', () => {
  for (const written of [
    'https://a.example/?city={City|Oslo}',
    'https://{City}.example/',
    'https://a.example{City}',
    'https://a.example/{City}{City|x}',
    'https://a.example/{if VIP}vip{else}all{end}',
    'https://a.example/{citty}',
    '{if VIP}https://a.example/{end}x',
    '{if VIP}{else}https://a.example/?{end}{City|x}',
  ]) {
    expect(withLinks(read(written)).links, written).toEqual([]);
    expect(uncountedAddresses(read(written)), written).toHaveLength(1);
  }
  const ends = '{if VIP}https://a.example/v{else}https://a.example/e{end}. {if VIP}https://a.example/v{end} {City}';
  expect([marked(ends), marked(ends, [7 as TagId])]).toEqual([
    '<https://a.example/e>.  ',
    '<https://a.example/v>. <https://a.example/v> ',
  ]);
  expect(uncountedAddresses(read(ends))).toEqual([]);
});

it('has values of the person in its path and behind it, as in emails', () => {
  expect(marked('{City} https://a.example/{City}/?c={City}&d=1#{City}. {City}, https://b.example {City|x}')).toBe(
    ' <https://a.example/{{a4}}/?c={{a4}}&d=1#{{a4}}>. , <https://b.example> x',
  );
});

it('an address is one link, wherever it stands', () => {
  const { links } = withLinks(read('https://a.example/1 https://a.example/2 {if VIP}https://a.example/1{end}'));
  expect(links).toEqual([
    { address: 'https://a.example/1', place: 'Text' },
    { address: 'https://a.example/2', place: 'Text' },
  ]);
});

it('is found in no time in what was made to take long', () => {
  const began = performance.now();
  for (const bad of [
    '{City}',
    'https://x.example/{City}',
    'https://',
    'https://x.example/((',
    ').',
    'https://x.example/[',
    '{if VIP}{end}https://x.example',
  ]) {
    withLinks(read(bad.repeat(5_000 / bad.length)));
  }
  expect(performance.now() - began).toBeLessThan(500);
});
