// A comparison with a value, as a condition on the jsonb that contains it.
import { dayText, jsonValue, lowerText } from './value-sql';
import { sql, type Sql } from '@/lib/db/sql';
import { addDays, anniversaries, dayIn } from './days';
import type { Comparison } from './comparison';

/** In jsonb's order, these values lie between all texts and all numbers, and between all numbers and all booleans. */
const [NO_NUMBER_BELOW, NO_NUMBER_ABOVE] = ['-1e400', 'false'];

/** The time zone of 'today', and the current moment. */
export type Calendar = { timeZone: string; now: Date };

/**
 * A condition on a jsonb value, by its code: true, or false or null. `dayOf`: extracts the day from a date's text,
 * which may include a time.
 */
export function comparison(
  { timeZone, now }: Calendar,
  data: Sql,
  code: string,
  compare: Comparison,
  dayOf = dayText,
): Sql {
  const key = sql`${code}::text`;
  const text = sql`(${data} ->> ${key})`;
  const low = lowerText(data, key);
  const day = dayOf(data, key);
  // Values that are not numbers are out of bounds.
  const number = jsonValue(data, key);
  const today = dayIn(timeZone, now);
  const unless = (test: Sql) => sql`((${test}) is not true)`;
  const among = (texts: readonly string[]) =>
    sql`(${low} in (select lower(wanted) from unnest(${texts}::text[]) wanted))`;
  const between = (from: string, to: string) => sql`(${day} between ${from} and ${to})`;
  switch (compare.test) {
    case 'is':
      return sql`(${low} = lower(${compare.text}))`;
    case 'is_not':
      return unless(sql`${low} = lower(${compare.text})`);
    case 'contains':
      return sql`(strpos(${low}, lower(${compare.text})) > 0)`;
    case 'not_contains':
      return unless(sql`strpos(${low}, lower(${compare.text})) > 0`);
    case 'starts':
      return sql`(starts_with(${low}, lower(${compare.text})))`;
    case 'one_of':
      return among(compare.texts);
    case 'none_of':
      return unless(among(compare.texts));
    case 'equals':
      return sql`(${number} = ${json(compare.number)}::jsonb)`;
    case 'above':
      return sql`(${number} > ${json(compare.number)}::jsonb and ${number} < ${NO_NUMBER_ABOVE}::jsonb)`;
    case 'at_least':
      return sql`(${number} >= ${json(compare.number)}::jsonb and ${number} < ${NO_NUMBER_ABOVE}::jsonb)`;
    case 'below':
      return sql`(${number} < ${json(compare.number)}::jsonb and ${number} > ${NO_NUMBER_BELOW}::jsonb)`;
    case 'at_most':
      return sql`(${number} <= ${json(compare.number)}::jsonb and ${number} > ${NO_NUMBER_BELOW}::jsonb)`;
    case 'between':
      return sql`(${number} between ${json(compare.from)}::jsonb and ${json(compare.to)}::jsonb)`;
    case 'on':
      return sql`(${day} = ${compare.date})`;
    case 'before':
      return sql`(${day} < ${compare.date})`;
    case 'after':
      return sql`(${day} > ${compare.date})`;
    case 'dates_between':
      return between(compare.fromDate, compare.toDate);
    case 'in_last':
      return between(addDays(today, -compare.days), today);
    case 'in_next':
      return between(today, addDays(today, compare.days));
    case 'longer_ago':
      return sql`(${day} < ${addDays(today, -compare.days)})`;
    case 'further_ahead':
      return sql`(${day} > ${addDays(today, compare.days)})`;
    case 'anniversary': {
      const { from, to, wraps } = anniversaries(today, compare.within);
      const monthAndDay = sql`substr(${day}, 6, 5)`;
      return sql`(${monthAndDay} >= ${from} ${wraps ? sql`or` : sql`and`} ${monthAndDay} <= ${to})`;
    }
    case 'yes':
      return sql`(${number} = 'true'::jsonb)`;
    case 'no':
      return sql`(${number} = 'false'::jsonb)`;
    case 'empty':
      return sql`(coalesce(${text}, '') = '')`;
    case 'not_empty':
      return sql`(coalesce(${text}, '') <> '')`;
  }
}

const json = (value: number) => JSON.stringify(value);
