// The end of tests with races and crashes: checks the product's invariants in the whole database.
import { expect } from 'vitest';
import { checkDatabase } from '@/lib/check/check';

/** Asserts every invariant of `npm run db:check`. */
export async function expectInvariants(): Promise<void> {
  expect(await checkDatabase()).toEqual([]);
}
