// Values of people in links: whatever somebody has filled in, a link leads where its author wrote.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import {
  addressByIds,
  addressInNames,
  attributesInAddress,
  filledAddress,
  hasStrayBraces,
  VALUES_PLACE,
  valuesStandRight,
} from './link-values';
import { isSafeAddress, MailDocumentSchema } from './schema';

const [first, second] = [1 as AttributeId, 2 as AttributeId];
const withValue = (address: string, value: string, other = '') =>
  filledAddress(
    address,
    new Map([
      [first, value],
      [second, other],
    ]),
  );
const refusalOf = (link: string): string | undefined =>
  MailDocumentSchema.safeParse({ subject: [], blocks: [{ id: 'a', kind: 'button', label: [], link }] }).error?.issues[0]
    ?.message;
const isKept = (link: string) => refusalOf(link) === undefined;

describe('a value', () => {
  it.each([
    'https://shop.example/{{a1}}',
    'https://shop.example/of/{{a1}}/{{a2}}?x=1#top',
    'http://shop.example?x={{a1}}',
    'HTTPS://shop.example#{{a1}}',
    'https://user@shop.example:8443/?{{a1}}={{a2}}',
    'https://åäö.example/ü/{{a1}}.html',
    'https://shop.example/?x={{Emial}}',
  ])('can stand in %s', (address) => {
    expect(isKept(address)).toBe(true);
  });

  it.each([
    '{{a1}}',
    '{{a1}}://shop.example/',
    'https://{{a1}}',
    'https://{{a1}}/',
    'https://{{a1}}.example/',
    'https://shop.example{{a1}}',
    'https://shop{{a1}}.example/x',
    'https://{{a1}}@shop.example/',
    'https://user:{{a1}}@shop.example/',
    'https://shop.example:80{{a1}}/',
    'https:/{{a1}}',
    'https:///{{a1}}/x',
    'https:\\\\{{a1}}\\x',
    'https://shop.example\\{{a1}}',
    'https://shop.example/x\\{{a1}}',
    'https://sh\top.example/{{a1}}',
    'https://shop.example/a b/{{a1}}',
    'mailto:{{a1}}',
    'mailto:anna@shop.example?subject={{a1}}',
    'tel:{{a1}}',
    // Empty, or begun with the right digits, these would be something else.
    'https://shop.example/x/{{a1}}../y',
    'https://shop.example/x/.{{a1}}/y',
    'https://shop.example/x/%2e{{a1}}%2E/y',
    'https://shop.example/x/%{{a1}}',
    'https://shop.example/?x=%2{{a1}}',
  ])('cannot stand in %s', (address) => {
    expect(valuesStandRight(address)).toBe(false);
    expect(isKept(address)).toBe(false);
    if (isSafeAddress(address)) expect(refusalOf(address)).toBe(VALUES_PLACE);
  });

  it.each([
    [
      'https://a.example/x/{{a1}}?e={{a1}}#{{a1}}',
      'åä/?#&=',
      'https://a.example/x/%C3%A5%C3%A4%2F%3F%23%26%3D?e=%C3%A5%C3%A4%2F%3F%23%26%3D#%C3%A5%C3%A4%2F%3F%23%26%3D',
    ],
    ['https://a.example/{{a1}}/x', '', 'https://a.example//x'],
    ['https://a.example/x/{{a1}}/y', '..', 'https://a.example/x//y'],
    ['https://a.example/x/{{a1}}/y', '.', 'https://a.example/x//y'],
    ['https://a.example/x/{{a1}}{{a1}}/y', '.', 'https://a.example/x//y'],
    ['https://a.example/x/{{a1}}/y', '%2e%2e', 'https://a.example/x/%252e%252e/y'],
    ['https://a.example/?x={{a1}}', '..', 'https://a.example/?x=..'],
    ['https://a.example/?x={{a1}}', '{{a2}}', 'https://a.example/?x=%7B%7Ba2%7D%7D'],
    ['https://a.example/?x={{a1}}', "(O'Neill)*!", 'https://a.example/?x=%28O%27Neill%29%2A%21'],
    ['https://a.example/?x={{a1}}', '\ud800', 'https://a.example/?x=%EF%BF%BD'],
    ['https://a.example/?x={{a1}}&y=1', 'x'.repeat(9_000), 'https://a.example/?x=&y=1'],
    ['https://a.example/?x={{a3}}', 'x', 'https://a.example/?x='],
    ['https://a.example/?x={{Emial}}', 'x', 'https://a.example/?x={{Emial}}'],
  ])('in %s that is %j', (address, value, filled) => {
    expect(withValue(address, value)).toBe(filled);
  });

  it('leads nowhere else, whatever it is', () => {
    const part = fc.constantFrom(
      '{{a1}}',
      '{{a2}}',
      '/',
      'x',
      '.',
      '..',
      '%2e',
      '%',
      '2',
      '?',
      '#',
      '&',
      '=',
      '\\',
      '@',
      ':',
      'é',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            '.',
            '..',
            '/',
            '\\',
            '%2e',
            '2e',
            'e',
            '@',
            ':',
            '?',
            '#',
            '\n',
            '\t',
            'evil.example',
            '{{a2}}',
          ),
          { maxLength: 4 },
        )
        .map((all) => all.join('')),
    );
    const host = fc.constantFrom('https://shop.example', 'http://shop.example:8080', 'https://u@åäö.example');
    fc.assert(
      fc.property(host, fc.array(part, { maxLength: 9 }), value, value, (start, parts, one, two) => {
        const address = `${start}${parts.join('')}`;
        fc.pre(isKept(address) && attributesInAddress(address).length > 0);
        const bare = new URL(withValue(address, ''));
        const filled = new URL(withValue(address, one, two));
        expect(filled.origin).toBe(bare.origin);
        expect([filled.username, filled.password]).toEqual([bare.username, bare.password]);
        // No value adds or takes a step of the path, or begins a query, a parameter or a fragment.
        const marks = ({ href }: URL) => href.replace(/[^/?#&=]/g, '');
        expect(marks(filled)).toBe(marks(bare));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('an address with names', () => {
  const attributes = [
    { id: first, name: 'First name' },
    { id: second, name: 'a{b}' },
  ];

  it('is kept by ids, and read with the names of today', () => {
    const { address, unknown } = addressByIds('https://a.example/{{ first NAME }}?x={{#2}}&y={{#7}}', attributes);
    expect({ address, unknown }).toEqual({ address: 'https://a.example/{{a1}}?x={{a2}}&y={{a7}}', unknown: [] });
    const renamed = [{ id: first, name: 'Förnamn' }, attributes[1]!];
    expect(addressInNames(address, renamed)).toBe('https://a.example/{{Förnamn}}?x={{#2}}&y={{#7}}');
    expect(addressByIds(addressInNames(address, renamed), renamed).address).toBe(address);
  });

  it('says which names nobody knows, and keeps them', () => {
    const written = 'https://a.example/?x={{Emial}}&y={{#0}}&z={{First name}}';
    const { address, unknown } = addressByIds(written, attributes);
    expect(unknown).toEqual(['Emial', '#0']);
    expect(address).toBe('https://a.example/?x={{Emial}}&y={{#0}}&z={{a1}}');
    expect(hasStrayBraces(address)).toBe(true);
    expect(hasStrayBraces('https://a.example/?q={"a":{"b":1}}&z={{a1}}')).toBe(false);
  });
});
