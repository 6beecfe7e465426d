import { expect, it } from 'vitest';
import { FlowDocumentSchema } from '@/lib/flows/schema';
import type { FlowNames } from '@/lib/flows/words';
import { wordsOfNodes } from './node-words';
import { outlineOf } from './outline';

const names = { tag: () => 'VIP' } as unknown as FlowNames;
const has = { timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [{ kind: 'tag', tagId: 1, test: 'has' }] } };

it('each node says what it does, and where it stands', () => {
  const document = FlowDocumentSchema.parse({
    trigger: { kind: 'tag_applied', tagId: 1 },
    filter: has,
    steps: [
      { id: 'wait', kind: 'wait', name: 'A breath' },
      {
        ...{ id: 'branch', kind: 'branch', ways: [{ id: 'way1', rules: has, steps: [{ id: 'gone', kind: 'leave' }] }] },
        otherwise: [],
      },
    ],
  });
  const words = wordsOfNodes(outlineOf(document.steps), document, names);
  expect([...words.values()].map(({ kind, sentence, place }) => `${kind} | ${sentence} | ${place}`)).toEqual([
    'Trigger | When VIP is applied. Only somebody who has VIP | ',
    'Wait 1 day | A breath | step 1 of 2',
    'Branch | Is it somebody who has VIP? | step 2 of 2',
    'Way | Yes | way 1 of 2 of “Is it somebody who has VIP?”',
    'Leave | Leave the flow | step 1 of 1, on “Yes” of “Is it somebody who has VIP?”',
    'Way | No | way 2 of 2 of “Is it somebody who has VIP?”',
  ]);
});
