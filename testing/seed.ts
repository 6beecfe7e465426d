// Property tests of a run begin with one seed, which is printed: TAGWELL_TEST_SEED repeats what a run has tried.
import fc from 'fast-check';
import { inject } from 'vitest';

fc.configureGlobal({ seed: inject('seed') });
