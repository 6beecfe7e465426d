import { describe, expect, it } from 'vitest';
import type { TagId } from '@/lib/db/ids';
import { overlapInWords, strongestOverlaps } from './strongest';

const tag = (id: number, name: string, profiles: number) => ({ id: id as TagId, name, profiles });

/** `both`: the number of profiles with both tags, by their indexes; 0 if not given. */
function pairsOf(everyone: number, tags: ReturnType<typeof tag>[], both: Record<string, number>) {
  const pairs = tags.map((left, row) =>
    tags.map((_right, column) =>
      row === column ? left.profiles : (both[`${row} ${column}`] ?? both[`${column} ${row}`] ?? 0),
    ),
  );
  return { everyone, tags, pairs };
}

describe('strongestOverlaps', () => {
  it('prefers pairs that are informative about both tags to a tiny tag within a huge one', () => {
    const tags = [tag(1, 'Newsletter', 600), tag(2, 'Webinar', 110), tag(3, 'Speaker', 100), tag(4, 'Jury', 20)];
    const found = strongestOverlaps(pairsOf(1_000, tags, { '1 2': 90, '0 3': 20, '0 1': 66 }), 5);
    expect(found.map(({ less, more }) => [less.name, more.name])).toEqual([
      ['Speaker', 'Webinar'],
      ['Jury', 'Newsletter'],
    ]);
    expect(found[0]).toMatchObject({ share: 0.9, lift: expect.closeTo(8.18, 2) as number });
  });

  it('leaves out pairs that may be chance, and those hardly above it', () => {
    const few = [tag(1, 'VIP', 10), tag(2, 'Partner', 10)];
    expect(strongestOverlaps(pairsOf(100, few, { '0 1': 2 }), 5)).toEqual([]);
    const small = [tag(1, 'VIP', 19), tag(2, 'Partner', 100)];
    expect(strongestOverlaps(pairsOf(1_000, small, { '0 1': 19 }), 5)).toEqual([]);
    const many = [tag(1, 'Newsletter', 500_000), tag(2, 'Customer', 500_000)];
    expect(strongestOverlaps(pairsOf(1_000_000, many, { '0 1': 260_000 }), 5)).toEqual([]);
  });

  it('accepts tags that nobody or everybody has', () => {
    const tags = [tag(1, 'None', 0), tag(2, 'All', 50), tag(3, 'Some', 20)];
    expect(strongestOverlaps(pairsOf(50, tags, { '1 2': 20 }), 5)).toEqual([]);
    expect(strongestOverlaps(pairsOf(0, [tag(1, 'None', 0), tag(2, 'Nobody', 0)], {}), 5)).toEqual([]);
  });

  it('returns the strongest few', () => {
    const tags = Array.from({ length: 8 }, (_, index) => tag(index + 1, `Tag ${index}`, 100));
    const both = Object.fromEntries(
      tags.flatMap((_left, row) => tags.slice(row + 1).map((_right, more) => [`${row} ${row + 1 + more}`, 50 + row])),
    );
    const found = strongestOverlaps(pairsOf(1_000, tags, both), 5);
    expect(found.map(({ share }) => share)).toEqual([0.56, 0.55, 0.55, 0.54, 0.54]);
  });
});

it('says how many profiles with the smaller tag have the other', () => {
  const words = (share: number) =>
    overlapInWords({
      less: { id: 1 as TagId, name: 'Webinar' },
      more: { id: 2 as TagId, name: 'VIP' },
      share,
      lift: 2,
    });
  expect(words(1)).toBe('Everyone with Webinar also has VIP');
  expect(words(0.97)).toBe('Nearly everyone with Webinar also has VIP');
  expect(words(0.7)).toBe('Most with Webinar also have VIP');
  expect(words(0.5)).toBe('About half of those with Webinar also have VIP');
  expect(words(0.2)).toBe('Some of those with Webinar also have VIP');
});
