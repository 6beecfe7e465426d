// The SQL expressions for comparing values. Conditions and indexes of the Data Model must use the same ones, or an
// index is not used.
import { sql, type Sql } from '@/lib/db/sql';
import type { AttributeType } from './schema';

/** A text or choice, in lower case. `data`: a jsonb of values by code. */
export const lowerText = (data: Sql, code: Sql): Sql => sql`lower(${data} ->> ${code})`;

/** The day of a date. */
export const dayText = (data: Sql, code: Sql): Sql => sql`(left(${data} ->> ${code}, 10) collate "C")`;

/** A number or boolean. Comparing jsonb is several times faster than comparing numeric. */
export const jsonValue = (data: Sql, code: Sql): Sql => sql`(${data} -> ${code})`;

/** The expression that an index on an attribute of the type must contain. */
export const INDEXED: Record<AttributeType, (data: Sql, code: Sql) => Sql> = {
  text: lowerText,
  choice: lowerText,
  date: dayText,
  number: jsonValue,
  boolean: jsonValue,
};
