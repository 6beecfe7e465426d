// Finds people's keys in texts from files and clients, however they are written there.
import { sql, type Sql } from '@/lib/db/sql';

/** The trailing digits of a phone number that are the same with and without its country code. */
const PHONE_TAIL = 9;

/** Whether a text is one of the keys, which are in lower case. Recognises phone numbers, the keys with +, in any notation. */
export function isOneOf(text: Sql, keys: readonly string[]): Sql {
  const tails = keys.filter((key) => key.startsWith('+')).map((key) => key.slice(1).slice(-PHONE_TAIL));
  const phone = sql`right(translate(${text}, ' -()./+', ''), ${PHONE_TAIL}::int) = any(${tails}::text[])`;
  return sql`(lower(btrim(${text})) = any(${keys}::text[]) ${tails.length > 0 ? sql`or ${phone}` : sql``})`;
}
