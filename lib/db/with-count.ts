// Counts that are kept as a JSON object, changed in an update.
import { sql, type Sql } from './sql';

/**
 * A JSON object of counts in which one is set. Citus refuses `jsonb_build_object` and `to_jsonb` of a column in an
 * update: they are not immutable.
 */
export const withCount = (counts: Sql, name: string, value: Sql): Sql =>
  sql`jsonb_set(${counts}, array[${name}::text], (${value})::text::jsonb)`;
