// Questions about removals that nobody needs to answer any more.
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { mergeTwoProfiles, previewMerge } from '@/lib/people/merge-two';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { endMootQuestions } from './moot';
import { answerHeld } from './run-commands';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Sync'));
});
afterEach(() => shop.stop());

const EMAILS = ['a@example.org', 'b@example.org', 'c@example.org'];

const find = async (email: string): Promise<ProfileId> =>
  (
    await one<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from profile_key where section_id = ${shop.sectionId} and key = ${email}`,
    )
  ).id;

async function merge(into: ProfileId, from: ProfileId): Promise<void> {
  const where = { sectionId: shop.sectionId };
  const sides = valueOf(await previewMerge(account.admin, { ...where, profileId: into, otherId: from, keep: into }));
  const seen = { into: sides.into.updatedAt, from: sides.from.updatedAt };
  valueOf(await mergeTwoProfiles(account.admin, { ...where, into, from, take: [], seen }));
}

async function takeOffByHand(profileId: ProfileId): Promise<void> {
  const { tagId } = await one<{ tagId: TagId }>(
    pool(),
    sql`select tag_id as "tagId" from connection_list where section_id = ${shop.sectionId} order by id limit 1`,
  );
  const cause = { sectionId: shop.sectionId, source: 'user' as const, userId: account.admin.userId };
  await transaction((tx) => changeTags(tx, cause, wantedForOne(profileId, { apply: [], remove: [tagId] })));
}

const connectionNow = () =>
  one(
    pool(),
    sql`
      select status, attention, identity = 'former' as former from connection
      where section_id = ${shop.sectionId} and id = ${shop.id}`,
  );

/** A sync by another user than before, who finds one person less on each list: it asks. */
async function asking(lists: readonly string[]) {
  const [ids, made] = [await shop.known(EMAILS), [] as string[]];
  for (const name of lists) {
    made.push(shop.crm.world.addList(name, ids));
    await shop.keep(made.at(-1)!, name);
  }
  await shop.first();
  await execute(pool(), sql`update connection set identity = 'former' where section_id = ${shop.sectionId}`);
  for (const [index, list] of made.entries()) shop.crm.world.removeMembers(list, [ids[index]!]);
  const runId = await shop.start(false);
  const run = await shop.finish(runId);
  expect(run).toMatchObject({ status: 'held' });
  return { runId, run };
}

it.each(['a merge', 'taking the tag off by hand'])(
  'a question that became moot by %s ends the run, with a sentence',
  async (cause) => {
    const { runId } = await asking(['Trade Show']);
    await endMootQuestions();
    expect(await shop.state(runId)).toMatchObject({ status: 'held' });
    const gone = await find('a@example.org');
    if (cause === 'a merge') await merge(await find('b@example.org'), gone);
    else await takeOffByHand(gone);
    await endMootQuestions();
    const ended = await shop.operate(runId);
    expect(ended).toMatchObject({
      status: 'done',
      lists: [{ status: 'done', reason: expect.stringMatching(/^There is nothing to answer any more/) as string }],
    });
    const { held } = await one<{ held: string }>(
      pool(),
      sql`
      select counts ->> 'held' as held from operation
      where section_id = ${shop.sectionId} and id = ${ended.operationId}`,
    );
    expect(held).toBe('0');
    expect(await shop.tagged('Trade Show')).toEqual(['b@example.org', 'c@example.org']);
    // Nobody has agreed that this user reads the CRM: the next sync with removals asks again.
    expect(await connectionNow()).toEqual({ status: 'active', attention: null, former: true });
  },
);

it('a question that is moot for one list leaves that of another, which can be answered', async () => {
  const { runId, run } = await asking(['Trade Show', 'Fair']);
  await takeOffByHand(await find('a@example.org'));
  await endMootQuestions();
  expect(await shop.operate(runId)).toMatchObject({ status: 'held', lists: [{ status: 'done' }, { status: 'held' }] });
  const answer = { sectionId: shop.sectionId, runId, listId: run.lists[1]!.listId, remove: true };
  valueOf(await answerHeld(shop.actor, answer));
  expect(await shop.operate(runId)).toMatchObject({ status: 'done' });
  expect(await shop.tagged('Fair')).toEqual(['a@example.org', 'c@example.org']);
});

it('somebody who answers at the same moment is heard', async () => {
  const { runId, run } = await asking(['Trade Show']);
  const answer = { sectionId: shop.sectionId, runId, listId: run.lists[0]!.listId, remove: true };
  await Promise.all([answerHeld(shop.actor, answer).then(valueOf), endMootQuestions()]);
  expect(await shop.operate(runId)).toMatchObject({ status: 'done', lists: [{ reason: null }] });
  expect(await rows(pool(), sql`select from sync_change where section_id = ${shop.sectionId} and state = 2`)).toEqual(
    [],
  );
});
