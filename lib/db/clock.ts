// The time of the database server: one clock for all processes.
import { one, sql, type Db } from './sql';

/**
 * The time of the database's clock, to the millisecond. A writing statement takes it as a parameter: a Citus cluster
 * refuses time functions in writes, and would read the clocks of its nodes.
 */
export async function databaseTime(db: Db): Promise<Date> {
  const { now } = await one<{ now: Date }>(db, sql`select clock_timestamp() as now`);
  return now;
}
