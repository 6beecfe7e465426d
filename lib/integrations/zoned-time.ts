// Times that a CRM writes without a zone.

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

/** Whether a zone is known here. */
export function isZone(zone: string): boolean {
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

/** Milliseconds that the zone is ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  const name =
    formatOf(zone)
      .formatToParts(time)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const parts = /GMT([+-])(\d\d):(\d\d)/.exec(name);
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
}
