// The time of the database server: one clock for all processes.
import { one, sql, type Db } from './sql';

/**
 * What the database's clock says, to the millisecond. A writing statement takes it as a parameter: a Citus cluster refuses the
 * functions for it there, and would ask the clocks of its nodes.
 */
export async function databaseTime(db: Db): Promise<Date> {
  const { now } = await one<{ now: Date }>(db, sql`select clock_timestamp() as now`);
  return now;
}
