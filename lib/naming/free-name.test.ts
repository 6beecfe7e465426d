import { expect, it } from 'vitest';
import { freeNames } from './free-name';

it('gives each name the first number that makes it free, in one question', async () => {
  const asked: string[][] = [];
  const names = await freeNames(['News', 'Fair'], (keys) => {
    asked.push(keys);
    return Promise.resolve(['news', 'news 2', 'fair 2'].map((nameKey) => ({ nameKey })));
  });
  expect(names).toEqual(['News 3', 'Fair']);
  expect(asked).toHaveLength(1);
});
