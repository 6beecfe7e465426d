// Property tests start from one seed, which is printed: TAGWELL_TEST_SEED tries another.
import fc from 'fast-check';
import { inject } from 'vitest';

fc.configureGlobal({ seed: inject('seed') });
