import { expect, it } from 'vitest';
import { sumOf, wayOf } from './sums';

const total = (counts: Partial<ReturnType<typeof sumOf>>) => ({ ...sumOf([]), ...counts });

it('no part of those who saw a form is more than all of them', () => {
  expect(wayOf(total({ seen: 1, begun: 0, submitted: 9, bySeen: 4 }), [1])).toEqual({
    seen: 4,
    begun: 4,
    sent: 4,
    steps: [4],
  });
  // The second step was passed over by somebody, and the numbers go down only.
  expect(wayOf(total({ seen: 10, begun: 6, bySeen: 3 }), [10, 2, 5])).toEqual({
    seen: 10,
    begun: 6,
    sent: 3,
    steps: [10, 5, 5],
  });
  expect(wayOf(total({}), [0, 0])).toEqual({ seen: 0, begun: 0, sent: 0, steps: [0, 0] });
});
