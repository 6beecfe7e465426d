// The address of the list of possible duplicates.
import { expect, it } from 'vitest';
import type { ProfileId } from '@/lib/db/ids';
import { isListPath, listParams, listPath, type ListParams } from './params';

const read = (path: string) => listParams(Object.fromEntries(new URL(path, 'http://own.invalid').searchParams));
const [first, second] = [3, 9_007_199_254_740_991] as ProfileId[] as [ProfileId, ProfileId];

it.each<ListParams>([
  { dismissed: false, reason: null, after: null },
  { dismissed: false, reason: 'phone', after: { at: null, reasons: 3, first, second } },
  { dismissed: true, reason: null, after: { at: new Date('2026-11-26T10:00:00.123Z'), reasons: 7, first, second } },
])('keeps what is shown: %o', (params) => {
  const path = listPath('acme', params);
  expect(read(path)).toEqual(params);
  expect(isListPath('acme', path)).toBe(true);
});

it('drops what is not valid', () => {
  const nothing = { dismissed: false, reason: null, after: null };
  for (const query of ['reason=shoe', 'after=', 'after=1_2', 'after=8_1_2', 'after=1_x_2', 'after=1_1e3_2', 'show=all'])
    expect(read(`/acme/profiles/duplicates?${query}`)).toEqual(nothing);
  expect(read('/acme/profiles/duplicates?show=decided&after=soon_1_2_3')).toEqual({ ...nothing, dismissed: true });
});

it('tells its own addresses from others', () => {
  for (const path of [undefined, '/other/profiles/duplicates', '//evil.example', '/acme/profiles/duplicates2', '/acme'])
    expect(isListPath('acme', path)).toBe(false);
});
