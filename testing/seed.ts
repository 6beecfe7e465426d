// Property tests use one seed, which is printed; TAGWELL_TEST_SEED sets another.
import fc from 'fast-check';
import { inject } from 'vitest';

fc.configureGlobal({ seed: inject('seed') });
