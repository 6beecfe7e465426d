// Tests of what a Citus cluster does not have, or does in another way (TAGWELL_TEST_DATABASE_URL): left out there, with the reason.
import { inject, it } from 'vitest';
import { isCluster } from './cluster';

/** `it`, but not on a cluster. `why`: stands in the report of a run on one. */
export function itOnOneServer(why: string, name: string, run: () => Promise<void>): void {
  it(name, async ({ skip }) => {
    skip(isCluster(inject('nodes')), `not on a cluster: ${why}`);
    await run();
  });
}
