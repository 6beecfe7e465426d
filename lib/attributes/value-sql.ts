// How a value is compared, as SQL: conditions and the indexes of the Data Model must be written alike, or an index is not used.
import { sql, type Sql } from '@/lib/db/sql';
import type { AttributeType } from './schema';

/** A text or choice, in lower case. `data`: a jsonb of values by code. */
export const lowerText = (data: Sql, code: Sql): Sql => sql`lower(${data} ->> ${code})`;

/** The day of a date. */
export const dayText = (data: Sql, code: Sql): Sql => sql`(left(${data} ->> ${code}, 10) collate "C")`;

/** A number or boolean. Compared as jsonb: several times faster than as numeric. */
export const jsonValue = (data: Sql, code: Sql): Sql => sql`(${data} -> ${code})`;

/** What an index on an attribute of the type has to contain. */
export const INDEXED: Record<AttributeType, (data: Sql, code: Sql) => Sql> = {
  text: lowerText,
  choice: lowerText,
  date: dayText,
  number: jsonValue,
  boolean: jsonValue,
};
