// A reading that nobody attends to any more is ended, whoever forgot it.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withIdleTimeout } from './idle-timeout';

const IDLE_MS = 60;
const abandoned = { name: 'Cancelled', why: 'abandoned' };

/** A reading of numbers that says whether it still goes on. `slowMs`: how long it makes each. */
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

describe('a reading that is withIdleTimeout', () => {
  it('gives everything to a reader who reads on, however long each piece takes to be made', async () => {
    const { state, reading } = numbers(4, IDLE_MS * 2);
    expect(await all(withIdleTimeout(reading, { idleMs: IDLE_MS }))).toEqual([1, 2, 3, 4]);
    expect(state.open).toBe(false);
  });

  it('counts only the time between two pieces', async () => {
    const { reading } = numbers(6);
    const found: number[] = [];
    for await (const piece of withIdleTimeout(reading, { idleMs: IDLE_MS * 5 })) {
      await pause(IDLE_MS);
      found.push(piece);
    }
    expect(found).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('ends where its reader stands still, though nobody comes back', async () => {
    const { state, reading } = numbers(3);
    const held = withIdleTimeout(reading, { idleMs: IDLE_MS });
    expect((await held.next()).value).toBe(1);
    expect(state.open).toBe(true);
    await expect.poll(() => state.open).toBe(false);
    expect(state.made).toBe(1);
  });

  it('does not look complete to a reader who comes back', async () => {
    const { reading } = numbers(3);
    const held = withIdleTimeout(reading, { idleMs: IDLE_MS });
    await held.next();
    await pause(IDLE_MS * 2);
    await expect(held.next()).rejects.toMatchObject(abandoned);
    expect(await held.next()).toEqual({ done: true, value: undefined });
  });

  it('ends at once where its reader leaves between two pieces', async () => {
    const { state, reading } = numbers(3);
    const left = new AbortController();
    const held = withIdleTimeout(reading, { signal: left.signal });
    await held.next();
    left.abort();
    await expect.poll(() => state.open).toBe(false);
    await expect(held.next()).rejects.toMatchObject(abandoned);
  });

  it('ends after the piece that is being made where its reader leaves meanwhile', async () => {
    const { state, reading } = numbers(3, 40);
    const left = new AbortController();
    const held = withIdleTimeout(reading, { signal: left.signal });
    const coming = expect(held.next()).rejects.toMatchObject(abandoned);
    await pause(10);
    left.abort();
    await coming;
    expect(state).toEqual({ open: false, made: 1 });
  });

  it('does not begin for a reader who has left already', async () => {
    const { state, reading } = numbers(3);
    await expect(all(withIdleTimeout(reading, { signal: AbortSignal.abort() }))).rejects.toMatchObject(abandoned);
    expect(state.made).toBe(0);
  });

  it('ends with its reader, and passes on what goes wrong', async () => {
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
