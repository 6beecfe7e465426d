// A stream that is no longer read is closed, even if its reader never closes it.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withIdleTimeout } from './idle-timeout';

const IDLE_MS = 60;
const abandoned = { name: 'Cancelled', why: 'abandoned' };

/** A stream of numbers that knows whether it is still running. `slowMs`: how long it takes to produce each. */
function numbers(count: number, slowMs = 0) {
  const state = { open: false, made: 0 };
  async function* reading() {
    state.open = true;
    try {
      while (state.made < count) {
        await pause(slowMs);
        yield ++state.made;
      }
    } finally {
      state.open = false;
    }
  }
  return { state, reading: reading() };
}

async function all(reading: AsyncGenerator<number>): Promise<number[]> {
  const found: number[] = [];
  for await (const piece of reading) found.push(piece);
  return found;
}

describe('withIdleTimeout', () => {
  it('gives everything to an active reader, however long each piece takes to produce', async () => {
    const { state, reading } = numbers(4, IDLE_MS * 2);
    expect(await all(withIdleTimeout(reading, { idleMs: IDLE_MS }))).toEqual([1, 2, 3, 4]);
    expect(state.open).toBe(false);
  });

  it('counts only the time between two requests', async () => {
    const { reading } = numbers(6);
    const found: number[] = [];
    for await (const piece of withIdleTimeout(reading, { idleMs: IDLE_MS * 5 })) {
      await pause(IDLE_MS);
      found.push(piece);
    }
    expect(found).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('closes the stream if its reader stalls and never resumes', async () => {
    const { state, reading } = numbers(3);
    const held = withIdleTimeout(reading, { idleMs: IDLE_MS });
    expect((await held.next()).value).toBe(1);
    expect(state.open).toBe(true);
    await expect.poll(() => state.open).toBe(false);
    expect(state.made).toBe(1);
  });

  it('does not look complete to a reader who resumes too late', async () => {
    const { reading } = numbers(3);
    const held = withIdleTimeout(reading, { idleMs: IDLE_MS });
    await held.next();
    await pause(IDLE_MS * 2);
    await expect(held.next()).rejects.toMatchObject(abandoned);
    expect(await held.next()).toEqual({ done: true, value: undefined });
  });

  it('closes at once if its reader leaves between two pieces', async () => {
    const { state, reading } = numbers(3);
    const left = new AbortController();
    const held = withIdleTimeout(reading, { signal: left.signal });
    await held.next();
    left.abort();
    await expect.poll(() => state.open).toBe(false);
    await expect(held.next()).rejects.toMatchObject(abandoned);
  });

  it('closes after the current piece if its reader leaves while it is produced', async () => {
    const { state, reading } = numbers(3, 40);
    const left = new AbortController();
    const held = withIdleTimeout(reading, { signal: left.signal });
    const coming = expect(held.next()).rejects.toMatchObject(abandoned);
    await pause(10);
    left.abort();
    await coming;
    expect(state).toEqual({ open: false, made: 1 });
  });

  it('does not start for a reader who has left already', async () => {
    const { state, reading } = numbers(3);
    await expect(all(withIdleTimeout(reading, { signal: AbortSignal.abort() }))).rejects.toMatchObject(abandoned);
    expect(state.made).toBe(0);
  });

  it('closes when its reader is done, and passes on errors', async () => {
    const { state, reading } = numbers(3);
    const held = withIdleTimeout(reading, {});
    await held.next();
    await held.return(undefined);
    expect(state).toEqual({ open: false, made: 1 });
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('the disk is full');
    }
    await expect(all(withIdleTimeout(failing(), {}))).rejects.toThrow('the disk is full');
  });
});
