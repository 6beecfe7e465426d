// The end of tests that race and kill: the whole database keeps the product's rules.
import { expect } from 'vitest';
import { checkDatabase } from '@/lib/check/check';

/** Asserts that every rule of `npm run db:check` holds. */
export async function expectInvariants(): Promise<void> {
  expect(await checkDatabase()).toEqual([]);
}
