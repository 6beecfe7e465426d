import { describe, expect, it } from 'vitest';
import { inZone, isZone, utcOf } from './zoned-time';

describe('a time without a zone', () => {
  it.each([
    ['2026-03-29T01:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29T03:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T01:30:00', '2026-10-24T23:30:00.000Z'],
    ['2026-10-25T03:00:00', '2026-10-25T02:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-07-01 12:30', '2026-07-01T10:30:00.000Z'],
    ['2026-07-01T12:30:00Z', '2026-07-01T12:30:00.000Z'],
    ['2026-07-01T12:30:00.5+05:30', '2026-07-01T07:00:00.500Z'],
  ])('is the time of its zone: %s in Copenhagen', (text, utc) => {
    expect(utcOf(text, 'Europe/Copenhagen')).toBe(utc);
  });

  it('has the offset of other zones, and none in UTC', () => {
    expect(utcOf('2026-07-01T12:00:00', 'America/St_Johns')).toBe('2026-07-01T14:30:00.000Z');
    expect(utcOf('2026-07-01T12:00:00', 'UTC')).toBe('2026-07-01T12:00:00.000Z');
  });

  it('may have a zone that is an offset, and is written back on the same clock', () => {
    expect(isZone('-05:30')).toBe(true);
    expect(utcOf('2026-01-15T10:00:00', '-05:30')).toBe('2026-01-15T15:30:00.000Z');
    expect(inZone(new Date('2026-07-15T08:00:00Z'), 'Europe/Brussels')).toBe('2026-07-15T10:00:00');
  });

  it('is nothing if it is no time', () => {
    expect(['soon', '', '2026-13-40T00:00:00'].map((text) => utcOf(text, 'UTC'))).toEqual([null, null, null]);
    expect([isZone('Europe/Copenhagen'), isZone('Mars')]).toEqual([true, false]);
  });
});
