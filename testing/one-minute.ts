import { vi } from 'vitest';

/** Runs with a clock that stands still: limits by the minute do not begin again in the middle. */
export async function inOneMinute<Value>(run: () => Promise<Value>): Promise<Value> {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}
