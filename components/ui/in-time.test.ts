import { expect, it } from 'vitest';
import { inTime } from './in-time';

it('gives up on an answer that does not come, and hands on what does', async () => {
  await expect(inTime(new Promise(() => undefined), 5)).rejects.toThrow('No answer has come in time.');
  await expect(inTime(Promise.resolve('here'))).resolves.toBe('here');
  await expect(inTime(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
