// Values as several CRMs write them.

/** A time in UTC. Without a zone it is taken as UTC. What is no time stays as it came. */
export function utcTime(text: string): string {
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

/** The day as it is written, whatever zone follows. What is no day stays as it came. */
export const writtenDay = (text: string): string => /^\d{4}-\d\d-\d\d(?=$|T)/.exec(text)?.[0] ?? text;
