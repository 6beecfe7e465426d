// Waits by the clock: the cases of the list, and properties over all zones around the changes of their clocks.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from './schema';
import { clockOn, daysAfter, inYear, nextClock, openFrom, timeAfter, yearlyAfter, zoneOr } from './zones';

const at = (text: string) => new Date(text);
const iso = (moment: Date) => moment.toISOString().replace(':00.000Z', 'Z');
const days = (count: number) => ({ count, unit: 'days' as const });
const hours = (count: number) => ({ count, unit: 'hours' as const });
const STOCKHOLM = 'Europe/Stockholm';

describe('waiting for a time', () => {
  it('of days is by the calendar, of hours is that long, when the clocks go forward (case 35)', () => {
    const saturday = at('2027-03-27T08:00:00Z'); // 09:00
    expect(iso(timeAfter(saturday, days(1), null, STOCKHOLM))).toBe('2027-03-28T07:00Z');
    expect(iso(timeAfter(saturday, hours(24), null, STOCKHOLM))).toBe('2027-03-28T08:00Z');
  });

  it('and when they go back (case 36)', () => {
    const saturday = at('2027-10-30T07:00:00Z'); // 09:00
    expect(iso(timeAfter(saturday, days(1), null, STOCKHOLM))).toBe('2027-10-31T08:00Z');
    expect(iso(timeAfter(saturday, hours(24), null, STOCKHOLM))).toBe('2027-10-31T07:00Z');
  });

  it('of nothing is over at once: zero is a value (case 51)', () => {
    const now = at('2027-01-01T12:34:56.789Z');
    for (const unit of ['minutes', 'hours', 'days', 'weeks'] as const) {
      expect(timeAfter(now, { count: 0, unit }, null, STOCKHOLM)).toEqual(now);
    }
    expect(iso(timeAfter(now, days(0), '00:00', 'UTC'))).toBe('2027-01-02T00:00Z');
  });

  it('at a time of the day: that day, or the next one if it has passed (case 42)', () => {
    const now = at('2027-05-03T10:30:00Z'); // 12:30
    expect(iso(timeAfter(now, days(1), '09:00', STOCKHOLM))).toBe('2027-05-04T07:00Z');
    expect(iso(timeAfter(now, days(0), '09:00', STOCKHOLM))).toBe('2027-05-04T07:00Z');
    expect(iso(timeAfter(now, days(0), '13:00', STOCKHOLM))).toBe('2027-05-03T11:00Z');
    expect(iso(timeAfter(now, hours(2), '13:00', STOCKHOLM))).toBe('2027-05-04T11:00Z');
    expect(iso(timeAfter(now, { count: 1, unit: 'weeks' }, '10:00', 'Europe/Amsterdam'))).toBe('2027-05-10T08:00Z');
  });
});

describe('a time that the clock', () => {
  it('shows twice is the first of the two (case 39)', () => {
    expect(iso(clockOn('2027-10-31', '02:30', STOCKHOLM))).toBe('2027-10-31T00:30Z');
  });

  it('skips is the first one after it, also at midnight (case 40)', () => {
    expect(iso(clockOn('2027-03-28', '02:30', STOCKHOLM))).toBe('2027-03-28T01:00Z');
    // In Santiago the clocks go forward at midnight.
    expect(iso(clockOn('2027-09-05', '00:00', 'America/Santiago'))).toBe('2027-09-05T04:00Z');
  });

  it('shows in zones with a part of an hour, or on a day that a zone has skipped (case 41)', () => {
    expect(iso(clockOn('2027-06-01', '09:00', 'Asia/Kathmandu'))).toBe('2027-06-01T03:15Z');
    expect(iso(clockOn('2027-06-01', '09:00', 'Asia/Kolkata'))).toBe('2027-06-01T03:30Z');
    expect(iso(clockOn('2011-12-30', '10:00', 'Pacific/Apia'))).toBe('2011-12-30T20:00Z');
  });

  it('of an unknown zone is that of another one (case 43)', () => {
    for (const none of [null, '', 'Nowhere/City', 'CEST', '+02:00']) expect(zoneOr(none, STOCKHOLM)).toBe(STOCKHOLM);
    expect(zoneOr('Asia/Tokyo', STOCKHOLM)).toBe('Asia/Tokyo');
  });
});

describe('a date', () => {
  it('is a day in the person’s zone (case 56)', () => {
    expect(iso(daysAfter('2027-03-01', 0, '09:00', 'Pacific/Auckland'))).toBe('2027-02-28T20:00Z');
    expect(iso(daysAfter('2027-03-01', -1, '09:00', 'UTC'))).toBe('2027-02-28T09:00Z');
  });

  it('on 29 February is the 28th in other years (case 54)', () => {
    expect(inYear('2000-02-29', 2027)).toBe('2027-02-28');
    expect(inYear('2000-02-29', 2028)).toBe('2028-02-29');
    expect(iso(yearlyAfter('2000-02-29', 0, '09:00', 'UTC', at('2027-01-01T00:00Z')))).toBe('2027-02-28T09:00Z');
    expect(iso(yearlyAfter('1990-01-02', -7, '09:00', 'UTC', at('2027-06-01T00:00Z')))).toBe('2027-12-26T09:00Z');
  });
});

describe('hours', () => {
  it('may span midnight (case 46)', () => {
    const open = { from: '22:00', to: '07:00' };
    expect(iso(openFrom(at('2027-01-01T21:59:00Z'), open, 'UTC'))).toBe('2027-01-01T22:00Z');
    expect(iso(openFrom(at('2027-01-01T03:00:00Z'), open, 'UTC'))).toBe('2027-01-01T03:00Z');
    expect(iso(openFrom(at('2027-01-01T07:00:00Z'), open, 'UTC'))).toBe('2027-01-01T22:00Z');
  });

  it('begin by the local clock after a change (case 37)', () => {
    const open = { from: '07:00', to: '22:00' };
    expect(iso(openFrom(at('2027-03-28T05:30:00Z'), open, STOCKHOLM))).toBe('2027-03-28T05:30Z');
    expect(iso(openFrom(at('2027-03-28T04:30:00Z'), open, STOCKHOLM))).toBe('2027-03-28T05:00Z');
  });

  it('that the clocks skip begin again on the next day', () => {
    expect(iso(openFrom(at('2027-03-28T00:00:00Z'), { from: '02:10', to: '02:40' }, STOCKHOLM))).toBe(
      '2027-03-29T00:10Z',
    );
  });
});

describe('hours on some days of the week', () => {
  const office = { from: '09:00', to: '17:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };

  it('are those of the person’s zone', () => {
    // Friday evening in Stockholm, and Friday morning in New York.
    const evening = at('2027-05-07T15:30:00Z');
    expect(iso(openFrom(evening, office, STOCKHOLM))).toBe('2027-05-10T07:00Z');
    expect(openFrom(evening, office, 'America/New_York')).toEqual(evening);
    expect(iso(openFrom(at('2027-05-10T06:59:00Z'), office, STOCKHOLM))).toBe('2027-05-10T07:00Z');
    expect(iso(openFrom(at('2027-05-10T14:59:59Z'), office, STOCKHOLM))).toBe('2027-05-10T14:59:59.000Z');
    expect(iso(openFrom(at('2027-05-10T15:00:00Z'), office, STOCKHOLM))).toBe('2027-05-11T07:00Z');
  });

  it('over midnight belong to the day on which they began', () => {
    const night = { from: '22:00', to: '06:00', days: ['fri'] as const };
    const saturday = at('2027-05-08T03:00:00Z');
    expect(openFrom(saturday, night, 'UTC')).toEqual(saturday);
    expect(iso(openFrom(at('2027-05-07T03:00:00Z'), night, 'UTC'))).toBe('2027-05-07T22:00Z');
    expect(iso(openFrom(at('2027-05-08T06:00:00Z'), night, 'UTC'))).toBe('2027-05-14T22:00Z');
  });

  it('may be whole days, also where the day begins later', () => {
    const sundays = { from: '08:00', to: '08:00', days: ['sun'] as const };
    expect(iso(openFrom(at('2027-05-07T12:00:00Z'), sundays, 'UTC'))).toBe('2027-05-09T00:00Z');
    // In Santiago this Sunday has no midnight.
    expect(iso(openFrom(at('2027-09-04T12:00:00Z'), sundays, 'America/Santiago'))).toBe('2027-09-05T04:00Z');
    expect(openFrom(at('2027-05-09T23:59:00Z'), sundays, 'UTC')).toEqual(at('2027-05-09T23:59:00Z'));
  });
});

describe('in every zone, around every change of its clocks', () => {
  const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'))];
  const showing = new Map<string, Intl.DateTimeFormat>();
  function shown(moment: Date, zone: string): string {
    let format = showing.get(zone);
    if (!format) {
      format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
      showing.set(zone, format);
    }
    return format.format(moment);
  }
  /** A moment near a change, if the zone has one in that year. */
  function nearChange(zone: string, year: number, shift: number): Date {
    const offset = (time: number) => Date.parse(`${shown(new Date(time), zone).replace(' ', 'T')}:00Z`) - time;
    const from = Date.UTC(year, 0, 1);
    for (let day = 0; day < 366; day++) {
      const time = from + day * 86_400_000;
      if (offset(time) !== offset(time + 86_400_000)) return new Date(time + shift * 60_000);
    }
    return new Date(from + shift * 60_000);
  }
  const zone = fc.constantFrom(...ZONES);
  const clock = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map((pair) => pair.map((part) => String(part).padStart(2, '0')).join(':'));
  const moment = fc
    .tuple(zone, fc.integer({ min: 2000, max: 2035 }), fc.integer({ min: -1_500, max: 3_000 }))
    .map(([name, year, shift]) => ({ zone: name, at: nearChange(name, year, shift) }));

  it('the next time of the clock is not before now, less than two days away, and shown there unless it is skipped', () => {
    fc.assert(
      fc.property(moment, clock, (from, time) => {
        const next = nextClock(from.at, time, from.zone);
        expect(next >= from.at).toBe(true);
        expect(next.getTime() - from.at.getTime()).toBeLessThan(2.2 * 86_400_000);
        if (shown(next, from.zone).slice(11) === time) return;
        const before = shown(new Date(next.getTime() - 1), from.zone);
        const isGap = before.slice(11) < time || before.slice(0, 10) < shown(next, from.zone).slice(0, 10);
        expect(isGap).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('hours on some days begin on one of them, at the first moment that is not before now', () => {
    const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
    fc.assert(
      fc.property(moment, clock, clock, fc.subarray([...WEEKDAYS], { minLength: 1 }), (from, first, second, days) => {
        const isOpen = (moment: Date) => {
          const [day, time] = shown(moment, from.zone).split(' ') as [string, string];
          const on = (shift: number) =>
            days.includes(names[new Date(Date.parse(day) + shift * 86_400_000).getUTCDay()]!);
          if (first === second) return on(0);
          if (first < second) return on(0) && time >= first && time < second;
          return (on(0) && time >= first) || (on(-1) && time < second);
        };
        const next = openFrom(from.at, { from: first, to: second, days }, from.zone);
        expect(next >= from.at).toBe(true);
        expect(isOpen(next)).toBe(true);
        // Two changes of the clocks may skip the hours of a day of the week.
        expect(next.getTime() - from.at.getTime()).toBeLessThan(15 * 86_400_000);
        if (next > from.at) expect(isOpen(new Date(next.getTime() - 1))).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('a later start never ends earlier, and hours open within their limits', () => {
    fc.assert(
      fc.property(moment, fc.nat(5_000), clock, clock, fc.nat(20), (from, minutes, first, second, count) => {
        const later = new Date(from.at.getTime() + minutes * 60_000);
        const open = { from: first, to: second };
        const [one, other] = [from.at, later].map((start) => openFrom(start, open, from.zone)) as [Date, Date];
        expect(one <= other).toBe(true);
        const time = shown(one, from.zone).slice(11);
        const isOpen = first < second ? time >= first && time < second : time >= first || time < second;
        expect(first === second || isOpen).toBe(true);
        expect(one.getTime() - from.at.getTime()).toBeLessThan(8 * 86_400_000);
        for (const time of [null, first]) {
          const [early, late] = [from.at, later].map((start) => timeAfter(start, days(count), time, from.zone)) as [
            Date,
            Date,
          ];
          expect(early >= from.at).toBe(true);
          // The hour that comes twice is the first one for both.
          expect(early.getTime() - late.getTime()).toBeLessThanOrEqual(2 * 3_600_000);
        }
      }),
      { numRuns: 400 },
    );
  });
});
