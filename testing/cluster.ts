/** Whether the servers of a test run are a Citus cluster (TAGWELL_TEST_DATABASE_URL). */
export const isCluster = (nodes: readonly string[]): boolean => nodes.length > 1;
