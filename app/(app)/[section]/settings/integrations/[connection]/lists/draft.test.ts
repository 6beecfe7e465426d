import { describe, expect, it } from 'vitest';
import type { TagId } from '@/lib/db/ids';
import { asks, draftOf, problemOf, tagOf, type Draft } from './draft';

const VIP = { id: 7 as TagId, name: 'Lime: VIP', colour: null, people: 40 };

const problem = (draft: Draft, ...others: Draft[]) =>
  problemOf(new Map([draft, ...others].map((item, index) => [`list:${index}`, item])), 'list:0');

describe('a chosen list', () => {
  it('keeps a new tag by name', () => {
    const draft = draftOf({ tagName: 'Lime: Fair', existing: null });
    expect(problem(draft)).toBeNull();
    expect(tagOf(draft)).toEqual({ name: 'Lime: Fair' });
  });

  it('uses an existing tag only once somebody has decided so', () => {
    const draft = draftOf({ tagName: 'lime:  vip', existing: VIP });
    expect(asks(draft)).toBe(true);
    expect(problem(draft)).toMatch(/already has this tag/);
    expect(problem({ ...draft, useExisting: true })).toBeNull();
    expect(tagOf({ ...draft, useExisting: true })).toEqual({ id: 7 });
  });

  it('forgets that decision when the name is another', () => {
    const draft = { ...draftOf({ tagName: 'Lime: VIP', existing: VIP }), useExisting: true, tagName: 'Lime: VIP 2' };
    expect(asks(draft)).toBe(false);
    expect(tagOf(draft)).toEqual({ name: 'Lime: VIP 2' });
  });

  it('needs a name, and one of its own', () => {
    expect(problem(draftOf({ tagName: ' ', existing: null }))).not.toBeNull();
    const fair = draftOf({ tagName: 'Fair', existing: null });
    expect(problem(fair, draftOf({ tagName: 'FAIR', existing: null }))).toMatch(/Another list here/);
  });
});
