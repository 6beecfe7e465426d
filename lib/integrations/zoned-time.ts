// Times on the clock of a zone: as CRMs write them, and as people choose them.

/** A local time of a zone, such as '2026-03-29T02:30:00', in UTC as ISO 8601. With an offset it is taken as it is. Null: no time. */
export function utcOf(text: string, zone: string): string | null {
  const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (!written) return null;
  const [, day, time = '00:00:00', offset] = written;
  if (offset) return isoOf(Date.parse(`${day}T${time}${offset}`));
  const asUtc = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The offset of a time near it; at a change of the clocks, that of the time itself.
  const near = asUtc - offsetAt(asUtc, zone);
  return isoOf(asUtc - offsetAt(near, zone));
}

/** A time on the clock of a zone, without the zone: '2021-01-08T10:00:00'. */
export const inZone = (time: Date, zone: string): string =>
  new Date(time.getTime() + offsetAt(time.getTime(), zone)).toISOString().slice(0, 19);

/** A zone that never changes. */
const FIXED = /^([+-])(\d\d):(\d\d)$/;

/** Whether a zone is known here: a name such as Europe/Brussels, or an offset such as +01:00. */
export function isZone(zone: string): boolean {
  if (FIXED.test(zone)) return true;
  try {
    return formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

const isoOf = (time: number) => (Number.isNaN(time) ? null : new Date(time).toISOString());

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  return format;
}

/** 'GMT+01:00' */
const nameAt = (time: number, zone: string): string =>
  formatOf(zone)
    .formatToParts(time)
    .find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** Milliseconds that the zone is ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  const parts = FIXED.exec(zone) ?? FIXED.exec(nameAt(time, zone).replace(/^GMT/, ''));
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
}
