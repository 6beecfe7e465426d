// What rules can refer to: everything visible, and hidden things only if rules refer to them already, with the reason.
import { expect, it } from 'vitest';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import { pool } from '@/lib/db/pool';
import { setEventTypeHidden, updateEventType } from '@/lib/events/commands';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { allOf, did, hasTag, makeAttribute, makeEventType, onAttribute, rulesOf, valueOf } from '@/testing/segments';
import { vocabularyOf } from './vocabulary';

it('names hidden things that rules refer to and who hid them, and fields as in the newest version', async () => {
  const { accountId, sectionId, owner } = await createTestAccount();
  const [seen, gone] = [await createTestTag(sectionId, 'Seen'), await createTestTag(sectionId, 'Gone')];
  const [city, plan] = [
    await makeAttribute(owner, sectionId, 'text', { name: 'City' }),
    await makeAttribute(owner, sectionId, 'choice', { name: 'Plan', choices: ['Small', 'Large'] }),
  ];
  const [opened, ordered] = [
    await makeEventType(owner, sectionId, { place: 'text' }, 'Opened'),
    await makeEventType(owner, sectionId, { size: 'number', old: 'text' }, 'Ordered'),
  ];
  const fields = [{ code: 'size', name: 'Size', type: 'text' }];
  for (const { id } of [opened, ordered]) {
    valueOf(await updateEventType(owner, { sectionId, eventTypeId: id, name: `Event ${id}`, description: '', fields }));
  }
  valueOf(await hideTag(owner, { sectionId, tagId: gone }));
  valueOf(await setAttributeHidden(owner, { sectionId, attributeId: plan.id, hidden: true }));
  valueOf(await setEventTypeHidden(owner, { sectionId, eventTypeId: ordered.id, hidden: true }));
  const place = { accountId, sectionId };

  const plain = await vocabularyOf(pool(), place);
  expect(plain.tags).toEqual([]);
  expect(plain.attributes.map(({ id }) => id)).toContain(city.id);
  expect(plain.attributes.map(({ id }) => id)).not.toContain(plan.id);
  expect(plain.events).toEqual([
    {
      id: opened.id,
      name: `Event ${opened.id}`,
      fields: [{ code: 'place', name: 'place', type: 'text' }, fields[0]],
    },
  ]);

  const is = { test: 'is', text: 'Small' } as const;
  const rules = rulesOf(
    allOf(
      hasTag(seen),
      hasTag(gone),
      onAttribute(city.id, is),
      onAttribute(plan.id, is),
      did(opened.id),
      did(ordered.id),
    ),
  );
  const vocabulary = await vocabularyOf(pool(), place, [rules]);
  const hidden = (what: string) => expect.stringContaining(`The ${what} was hidden by Test owner on `) as string;
  expect([...vocabulary.tags].sort((left, right) => left.id - right.id)).toEqual([
    { id: seen, name: 'Seen' },
    { id: gone, name: 'Gone', lost: hidden('tag “Gone”') },
  ]);
  expect(vocabulary.attributes.filter(({ id }) => id === city.id)).toEqual([
    { ...city, name: 'City', type: 'text', choices: [] },
  ]);
  expect(vocabulary.attributes.at(-1)).toEqual({
    ...plan,
    name: 'Plan',
    type: 'choice',
    choices: ['Small', 'Large'],
    lost: hidden('attribute “Plan”'),
  });
  expect(vocabulary.events).toEqual([
    ...plain.events,
    {
      id: ordered.id,
      name: `Event ${ordered.id}`,
      fields: [fields[0], { code: 'old', name: 'old', type: 'text' }],
      lost: hidden(`event “Event ${ordered.id}”`),
    },
  ]);
});
