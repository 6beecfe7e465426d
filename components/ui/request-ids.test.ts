import { describe, expect, it } from 'vitest';
import { requestIds } from './request-ids';

describe('request ids', () => {
  const create = () => undefined;
  const rename = () => undefined;
  const counted = () => {
    let count = 0;
    return requestIds(() => String((count += 1)));
  };

  it('stay the same for the same input until it succeeds', () => {
    const idFor = counted();
    const first = idFor(create, { name: 'VIP' });
    expect(idFor(create, { name: 'VIP' }).requestId).toBe(first.requestId);
    first.settle();
    expect(idFor(create, { name: 'VIP' }).requestId).not.toBe(first.requestId);
  });

  it('are new for another input, and for the earlier input after that, which must take effect again', () => {
    const idFor = counted();
    const first = idFor(rename, { name: 'A' });
    const second = idFor(rename, { name: 'B' });
    second.settle();
    const third = idFor(rename, { name: 'A' });
    expect(new Set([first.requestId, second.requestId, third.requestId]).size).toBe(3);
  });

  it('need no secure context: over plain HTTP browsers have no randomUUID', () => {
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
    try {
      const [first, second] = [requestIds()(create, 1).requestId, requestIds()(create, 1).requestId];
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(second).not.toBe(first);
    } finally {
      // The prototype's own is there again.
      Reflect.deleteProperty(crypto, 'randomUUID');
    }
    expect(crypto.randomUUID()).toHaveLength(36);
  });

  it('differ between actions with the same input', () => {
    const idFor = counted();
    expect(idFor(create, { name: 'VIP' }).requestId).not.toBe(idFor(rename, { name: 'VIP' }).requestId);
  });
});
