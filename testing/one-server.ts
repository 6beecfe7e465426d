// Tests of things that a Citus cluster lacks or does differently (TAGWELL_TEST_DATABASE_URL): skipped there, with the
// reason.
import { inject, it } from 'vitest';
import { isCluster } from './cluster';

/** `it`, but skipped on a cluster. `why`: shown in the report of such a run. */
export function itOnOneServer(why: string, name: string, run: () => Promise<void>): void {
  it(name, async ({ skip }) => {
    skip(isCluster(inject('nodes')), `not on a cluster: ${why}`);
    await run();
  });
}
