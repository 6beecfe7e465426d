import { expect, it } from 'vitest';
import type { NameSeparator } from './schema';
import { SeparatorCollector } from './separators';

/** How a column of these cells is split. `known`: names of tags of the section. */
function readingOf(cells: string[], { known = [], chosen }: { known?: string[]; chosen?: NameSeparator } = {}) {
  const collector = new SeparatorCollector();
  for (const [index, cell] of cells.entries()) if (cell !== '') collector.add(index + 2, cell);
  return collector.reading(new Set(known), chosen);
}

it.each<[NameSeparator, string[]]>([
  [',', ['newsletter, vip, Login with Shop', '', 'vip']],
  [',', ['newsletter, vip', 'vip, wholesale']],
  [';', ['Kunde;VIP;Fair 2026']],
  [':::', ['* myContacts ::: Trade fair ::: VIP']],
  ['|', ['VIP|Partner', 'Trade Show, Oslo|VIP']],
  ['\n', ['VIP\r\nPartner', 'VIP']],
  [';', ['Wine, red;VIP', 'Wine, white;VIP', 'VIP;Wine, red']],
])('assumes %j for %j, and says by which cell', (separator, cells) => {
  const reading = readingOf(cells);
  expect(reading).toMatchObject({ separator, why: 'assumed', undivided: null });
  expect(reading.shownBy?.line).toBe(2);
});

it('assumes a comma if a part is a tag of the section', () => {
  expect(readingOf(['newsletter, VIP'], { known: ['vip'] })).toMatchObject({ separator: ',', why: 'assumed' });
});

it('keeps a cell with commas whole if nothing shows that it is a list, and reports it', () => {
  expect(readingOf(['newsletter, vip, Login with Shop'])).toEqual({
    separator: '|',
    why: 'plain',
    shownBy: null,
    undivided: { line: 2, cell: 'newsletter, vip, Login with Shop' },
  });
});

it('keeps a cell whole that is the name of a tag', () => {
  expect(readingOf(['Trade Show, Oslo', 'Oslo'], { known: ['trade show, oslo', 'oslo'] })).toEqual({
    separator: '|',
    why: 'plain',
    shownBy: null,
    undivided: null,
  });
});

it('uses the chosen separator, and reports which cell still looks like a list', () => {
  expect(readingOf(['VIP, Partner', 'VIP;Partner'], { chosen: ';' })).toMatchObject({
    separator: ';',
    why: 'chosen',
    undivided: { line: 2, cell: 'VIP, Partner' },
  });
});

it('needs no evidence for names in quotation marks', () => {
  expect(readingOf(['"VIP","Trade Show, Oslo"'])).toMatchObject({ undivided: null });
});
