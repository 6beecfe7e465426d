import { expect, it } from 'vitest';
import { questionsOf } from './questions';
import { documentFrom } from './templates';

it('has each question once, as it was asked last, with those that are no longer asked at the end', () => {
  const known = { attributes: [], topics: [] };
  const [first, second] = [documentFrom('survey', known), documentFrom('newsletter', known)];
  const questions = questionsOf([
    { version: 2, document: second },
    { version: 1, document: first },
  ]);
  expect(questions.map(({ id }) => id)).toEqual(['email', 'firstname', 'mark5', 'better', 'liked', 'callme', 'mobile']);
  expect([...questions[0]!.inVersion.keys()]).toEqual([2, 1]);
  expect([...questions[2]!.inVersion.keys()]).toEqual([1]);
});
