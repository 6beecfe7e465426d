import os from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ALL = ['{api,app,components,demo,lib,server,testing,worker}/**/*.test.ts'];

/** Files that replace modules, or ask what their process has loaded or cached: each runs in a process of its own. */
const OWN_PROCESS = [
  'api/lean.test.ts',
  'app/read-route.test.ts',
  'app/data/**/export/route.test.ts',
  'lib/db/cancellable.test.ts',
  'lib/db/sql.test.ts',
  'lib/profiles/download.test.ts',
  'server/watching.test.ts',
];

/** They take longest, and so they come early: no core is idle at the end. */
const LONGEST = [
  'server/main.test.ts',
  'lib/imports/run.test.ts',
  'lib/segments/compile.test.ts',
  'lib/imports/workbook.test.ts',
  'api/document.test.ts',
  'lib/tags/change.test.ts',
  'api/api.test.ts',
  'lib/clients/reports.test.ts',
  'lib/clients/segment-jobs.test.ts',
];

/**
 * The processes of their own come before all others: among those that are shared, each would end one, and at the end they leave
 * cores idle, as they wait by the clock.
 */
class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ project, moduleId }: TestSpecification) => {
      if (project.name === 'own process') return -1;
      const rank = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return rank >= 0 ? rank : LONGEST.length;
    };
    return Promise.resolve(files.toSorted((left, right) => rankOf(left) - rankOf(right)));
  }
}

/**
 * How long a test may take, in milliseconds: for the longest property tests while others use the machine. The nodes of a cluster
 * (TAGWELL_TEST_DATABASE_URL) plan each statement again, and usually share a machine too.
 */
const ON_CLUSTER = process.env.TAGWELL_TEST_DATABASE_URL !== undefined;
const LIMIT = ON_CLUSTER ? 1_200_000 : 180_000;

const resolve = { alias: { '@': path.resolve(import.meta.dirname) } };
const shared = {
  setupFiles: ['testing/database.ts', 'testing/seed.ts', 'testing/leaks.ts'],
  // Tests wait for the database and for processes: one more than there are cores keeps these busy.
  maxWorkers: Math.min(os.availableParallelism(), 3) + 1,
  // Megabytes for new objects: tests leave many behind, and most are gone by the time this much has come together.
  execArgv: ['--max-semi-space-size=64'],
  testTimeout: LIMIT,
  hookTimeout: LIMIT,
  // Conditions are looked at often, and given time on a busy machine: by default they have one second.
  expect: { poll: { timeout: ON_CLUSTER ? 120_000 : 20_000, interval: 10 } },
};

export default defineConfig({
  resolve,
  test: {
    globalSetup: ['testing/global-setup.ts'],
    maxWorkers: shared.maxWorkers,
    sequence: { sequencer: LongestFirst },
    projects: [
      { resolve, test: { ...shared, name: 'shared', include: ALL, exclude: OWN_PROCESS, isolate: false } },
      { resolve, test: { ...shared, name: 'own process', include: OWN_PROCESS } },
    ],
  },
});
