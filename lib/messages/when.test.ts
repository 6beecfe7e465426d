// Local times as moments: clock changes, zones and dates that do not exist.
import { expect, it } from 'vitest';
import { momentIn, zoneNamed } from './when';

it.each([
  ['2026-11-27T09:00', 'Europe/Stockholm', '2026-11-27T08:00:00.000Z'],
  ['2026-07-01T09:00', 'Europe/Stockholm', '2026-07-01T07:00:00.000Z'],
  // The clocks go from 02:00 to 03:00: what is skipped goes at the next time that there is.
  ['2026-03-29T01:59', 'Europe/Stockholm', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29T02:30', 'Europe/Stockholm', '2026-03-29T01:00:00.000Z'],
  ['2026-03-29T03:00', 'Europe/Stockholm', '2026-03-29T01:00:00.000Z'],
  // They go from 03:00 to 02:00: what is there twice goes at the first.
  ['2026-10-25T02:30', 'Europe/Stockholm', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25T03:00', 'Europe/Stockholm', '2026-10-25T02:00:00.000Z'],
  ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
  ['2026-10-04T02:10', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
  ['2026-01-01T00:00', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
  ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:00:00.000Z'],
])('%s in %s', (local, zone, moment) => {
  expect(momentIn(local, zone)?.toISOString()).toBe(moment);
});

it('dates and zones that do not exist are no moments', () => {
  expect(momentIn('2026-02-30T09:00', 'Europe/Stockholm')).toBeUndefined();
  expect(momentIn('2026-02-20T25:00', 'Europe/Stockholm')).toBeUndefined();
  expect(momentIn('2026-02-20T09:00', 'Europe/Atlantis')).toBeUndefined();
});

it('zones by their old names are known', () => {
  expect(zoneNamed('Europe/Kiev')).toBeDefined();
  expect(momentIn('2026-07-01T09:00', 'Europe/Kiev')?.toISOString()).toBe('2026-07-01T06:00:00.000Z');
});
