import { describe, expect, it } from 'vitest';
import { laterOf } from './use-operation';

describe('Which view of an operation is shown', () => {
  const running = { readAt: 1, status: 'running' };
  const done = { readAt: 2, status: 'done' };

  it('is the later one, whether it comes from the cache or from the server', () => {
    expect(laterOf(done, running)).toBe(done);
    expect(laterOf(running, done)).toBe(done);
  });

  it('is the only one, if there is no other', () => {
    expect(laterOf(undefined, running)).toBe(running);
    expect(laterOf(done, undefined)).toBe(done);
    expect(laterOf(undefined, undefined)).toBeUndefined();
  });
});
