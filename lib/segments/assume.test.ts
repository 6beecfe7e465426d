// Rules once everyone in question has got some tags and lost others.
import { describe, expect, it } from 'vitest';
import type { SegmentId, TagId } from '@/lib/db/ids';
import { allOf, anyOf, hasTag, noneOf, onTag } from '@/testing/segments';
import { assume, decideTags } from './assume';
import { RulesSchema, type Group, type Rules } from './schema';

const [news, vip, lead] = [1, 2, 3] as TagId[];
const rules = (root: Group): Rules => RulesSchema.parse({ root });
const none = new Map();
const assumed = (given: Rules, apply: TagId[] = [], remove: TagId[] = []) =>
  assume(given, none, decideTags({ apply, remove })).rules;

describe('rules, once tags have changed', () => {
  it('hold for all, for nobody, or ask for the rest', () => {
    const both = rules(allOf(hasTag(news!), hasTag(vip!)));
    expect(assumed(both, [news!, vip!])).toBe(true);
    expect(assumed(both, [news!], [vip!])).toBe(false);
    expect(assumed(both, [news!])).toEqual(rules(allOf(hasTag(vip!))));
    expect(assumed(both, [lead!])).toEqual(both);
    expect(assumed(rules(anyOf(hasTag(news!), hasTag(vip!))), [news!])).toBe(true);
    expect(assumed(rules(anyOf(hasTag(news!), hasTag(vip!))), [], [news!, vip!])).toBe(false);
    expect(assumed(rules(noneOf(hasTag(news!), hasTag(vip!))), [news!])).toBe(false);
    expect(assumed(rules(noneOf(hasTag(news!), hasTag(vip!))), [], [news!, vip!])).toBe(true);
  });

  it('follow the segments in them', () => {
    const id = 7 as SegmentId;
    const segments = new Map([[id, { name: 'VIPs', rules: rules(allOf(hasTag(vip!), hasTag(news!))) }]]);
    const outer = rules(allOf({ kind: 'segment', segmentId: id, test: 'not_in' }));
    expect(assume(outer, segments, decideTags({ apply: [], remove: [vip!] })).rules).toBe(true);
    const part = assume(outer, segments, decideTags({ apply: [vip!], remove: [] }));
    expect(part.rules).toEqual(outer);
    expect(part.segments.get(id)!.rules).toEqual(rules(allOf(hasTag(news!))));
  });

  it('keep what depends on how a tag was applied', () => {
    const imported = rules(allOf(onTag(news!, { source: 'import' })));
    expect(assumed(imported, [news!])).toEqual(imported);
  });
});
