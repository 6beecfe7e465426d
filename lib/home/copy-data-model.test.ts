// A section gets the data model of another one.
import { beforeAll, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { createTopic } from '@/lib/consents/topics';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import { createEventType } from '@/lib/events/commands';
import { createTag, hideTag } from '@/lib/tags/commands';
import { createSuggestedTags, SUGGESTED_TAGS } from '@/lib/tags/suggestions';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { copyDataModel } from './copy-data-model';

let account: TestAccount;
let from: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
  from = account.sectionId;
  const vip = { name: 'VIP', colour: 'purple', group: 'Audience', description: 'The best' } as const;
  valueOf(await createTag(account.admin, { sectionId: from, ...vip }));
  await createTestTag(from, 'Taken');
  await hideTag(account.admin, { sectionId: from, tagId: await createTestTag(from, 'Hidden') });
  const tier = { name: 'Loyalty tier', type: 'choice', choices: ['Gold', 'Silver'] } as const;
  valueOf(await createAttribute(account.admin, { sectionId: from, ...tier }));
  const order = { name: 'Order', fields: [{ code: 'total', name: 'Total', type: 'number' }] } as const;
  valueOf(await createEventType(account.admin, { sectionId: from, ...order, fields: [...order.fields] }));
  valueOf(await createTopic(account.admin, { sectionId: from, name: 'Newsletter', folder: 'News' }));
});

it('copies what it does not have by name, once', async () => {
  const sectionId = await createTestSection(account.accountId, 'New');
  const taken = await createTestTag(sectionId, 'taken');
  const first = valueOf(await copyDataModel(account.admin, { sectionId, from }));
  expect(first).toMatchObject({ tags: 1, attributes: 1, events: 1, topics: 1 });
  const again = valueOf(await copyDataModel(account.admin, { sectionId, from }));
  expect(again).toMatchObject({ tags: 0, attributes: 0, events: 0, topics: 0 });
  const prisma = prismaOn(pool());
  const tags = await prisma.tag.findMany({ where: { sectionId }, orderBy: { nameKey: 'asc' } });
  expect(
    tags.map(({ id, name, colour, groupName, description }) => ({ id, name, colour, groupName, description })),
  ).toEqual([
    { id: taken, name: 'taken', colour: null, groupName: '', description: '' },
    { id: expect.any(Number) as number, name: 'VIP', colour: 'purple', groupName: 'Audience', description: 'The best' },
  ]);
  const attribute = await prisma.attribute.findFirstOrThrow({ where: { sectionId, system: false } });
  expect(attribute).toMatchObject({ name: 'Loyalty tier', choices: ['Gold', 'Silver'], code: `a${attribute.id}` });
  const event = await prisma.eventType.findFirstOrThrow({
    where: { sectionId, builtIn: null },
    include: { versions: true },
  });
  expect(event).toMatchObject({
    name: 'Order',
    versions: [{ fields: [{ code: 'total', name: 'Total', type: 'number' }] }],
  });
  expect(await prisma.topic.findMany({ where: { sectionId } })).toMatchObject([{ name: 'Newsletter', folder: 'News' }]);
});

it('refuses a section that the person may not see, and itself', async () => {
  const stranger = await createTestAccount();
  expect(await copyDataModel(account.admin, { sectionId: from, from: stranger.sectionId })).toMatchObject({
    ok: false,
    refusal: { code: 'not_found' },
  });
  expect(await copyDataModel(account.admin, { sectionId: from, from })).toMatchObject({
    ok: false,
    refusal: { code: 'invalid', field: 'from' },
  });
  expect(await copyDataModel(account.marketer, { sectionId: from, from })).toMatchObject({
    ok: false,
    refusal: { code: 'not_allowed' },
  });
});

it('suggested tags are created together, and those that exist stay as they are', async () => {
  const sectionId = await createTestSection(account.accountId, 'Empty');
  await createTestTag(sectionId, 'vip');
  const names = SUGGESTED_TAGS[0]!.tags.map(({ name }) => name);
  expect(valueOf(await createSuggestedTags(account.admin, { sectionId, names }))).toEqual({
    created: names.length - 1,
  });
  expect(await createSuggestedTags(account.admin, { sectionId, names: ['Anything'] })).toMatchObject({
    ok: false,
    refusal: { code: 'invalid' },
  });
});
