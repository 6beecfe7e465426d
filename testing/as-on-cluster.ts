// What the product does differently on a Citus cluster, tested on one server.
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { isCluster } from './cluster';

const shared = globalThis as typeof globalThis & { tagwellOnCluster?: Promise<boolean> };

/** Runs tests twice: as they are, and with the product's statements for a cluster. On a cluster once. */
export function describeOnBoth(name: string, tests: () => void): void {
  describe(name, tests);
  if (isCluster(inject('nodes'))) return;
  describe(`${name}, as on a cluster`, () => {
    beforeAll(() => {
      shared.tagwellOnCluster = Promise.resolve(true);
    });
    afterAll(() => {
      delete shared.tagwellOnCluster;
    });
    tests();
  });
}
