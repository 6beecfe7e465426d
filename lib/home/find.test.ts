// Things found by a part of their names.
import { beforeAll, expect, it } from 'vitest';
import { createFlow } from '@/lib/flows/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { hasTag, makeSegment, valueOf } from '@/testing/segments';
import { hideTag } from '@/lib/tags/commands';
import { readFoundThings } from './reads';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const names = async (text: string, sectionId = account.sectionId) =>
  valueOf(await readFoundThings(account.admin, { sectionId, text })).map(({ kind, name }) => `${kind} ${name}`);

it('are tags, segments and the like, best match first; a wrong letter and the order of words are forgiven', async () => {
  const { sectionId } = account;
  const tag = await createTestTag(sectionId, 'Webinar Participant');
  await createTestTag(sectionId, 'Beside the webinar');
  await hideTag(account.admin, { sectionId, tagId: await createTestTag(sectionId, 'Webinar hidden') });
  await makeSegment(account.admin, sectionId, hasTag(tag), 'Webinar');
  valueOf(await createFlow(account.admin, { sectionId, name: 'After the webinar' }));
  await createTestProfiles(sectionId, 1);
  const found = await names('webinar');
  expect(found[0]).toBe('segment Webinar');
  expect(found[1]).toBe('tag Webinar Participant');
  expect(found.slice(2).toSorted()).toEqual(['flow After the webinar', 'tag Beside the webinar']);
  expect(await names('participant web')).toEqual(['tag Webinar Participant']);
  expect(await names('webnar participant')).toEqual(['tag Webinar Participant']);
  expect(valueOf(await readFoundThings(account.admin, { sectionId, text: 'After the' }))).toMatchObject([
    { path: expect.stringMatching(/^\/flows\/\d+$/) as string },
  ]);
});

it('are of the section only; odd text finds nothing, and too much is refused', async () => {
  const elsewhere = await createTestSection(account.accountId, 'Elsewhere');
  await createTestTag(elsewhere, 'Only elsewhere');
  expect(await names('Only elsewhere')).toEqual([]);
  expect(await names('only', elsewhere)).toEqual(['tag Only elsewhere']);
  expect(await names('   ')).toEqual([]);
  expect(await names('<script>alert(1)</script>')).toEqual([]);
  expect(await names('שלום עולם')).toEqual([]);
  expect(
    await readFoundThings(account.admin, { sectionId: account.sectionId, text: 'x'.repeat(10_000) }),
  ).toMatchObject({
    ok: false,
    refusal: { code: 'invalid' },
  });
});
