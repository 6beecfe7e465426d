import { expect, it } from 'vitest';
import { inTime } from './in-time';

it('times out without an answer, and passes on one that arrives', async () => {
  await expect(inTime(new Promise(() => undefined), 5)).rejects.toThrow('The server took too long to respond.');
  await expect(inTime(Promise.resolve('here'))).resolves.toBe('here');
  await expect(inTime(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
