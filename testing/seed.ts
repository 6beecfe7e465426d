// Property tests start from one seed, another one each day, which is printed: TAGWELL_TEST_SEED repeats what a run has tried.
import fc from 'fast-check';
import { inject } from 'vitest';

fc.configureGlobal({ seed: inject('seed') });
