import { expect, it } from 'vitest';
import { withDeadline } from './with-deadline';

it('times out without an answer, and passes on one that arrives', async () => {
  await expect(withDeadline(new Promise(() => undefined), 5)).rejects.toThrow('The server took too long to respond.');
  await expect(withDeadline(Promise.resolve('here'))).resolves.toBe('here');
  await expect(withDeadline(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
