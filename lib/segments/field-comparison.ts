// A comparison with the field of an event.
import type { Comparison } from '@/lib/attributes/comparison';
import { comparison, type Calendar } from '@/lib/attributes/comparison-sql';
import { sql, type Sql } from '@/lib/db/sql';

/**
 * `comparison` for a field of `event`. The field may have had another type when the event was recorded: text that is not a date
 * has no day.
 */
export const fieldComparison = (here: Calendar, code: string, compare: Comparison): Sql =>
  comparison(
    here,
    sql`event.data`,
    code,
    compare,
    (data, key) => sql`(substring(${data} ->> ${key} from '^[0-9]{4}-[0-9]{2}-[0-9]{2}') collate "C")`,
  );
