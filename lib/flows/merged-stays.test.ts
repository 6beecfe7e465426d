// Two people who become one, each with a stay of their own in a flow.
import { beforeEach, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { transaction } from '@/lib/db/pool';
import { sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectCountsToFit, publishTestFlow, runOf } from '@/testing/flows';
import { allOf, hasTag, mergeProfiles } from '@/testing/segments';
import { readFlowNumbers } from './reads';
import { tick } from './tick';

const DAY = 86_400_000;
let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId; stop: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), vip: await tag('VIP'), stop: await tag('Stop') };
  profiles = await createTestProfiles(account.sectionId, 2);
});

const change = (ids: readonly ProfileId[], apply: TagId[], at = new Date()) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null, at },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove: [] }),
    ),
  );
const merge = () => mergeProfiles(account, account.sectionId, { into: profiles[0]!, from: profiles[1]! });
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const pause = [{ id: 'wait', kind: 'wait' as const, time: { count: 1, unit: 'days' as const } }];

it('one was through the flow long ago, the other is in it: who remains goes on in it (case 163)', async () => {
  const flowId = await publishTestFlow(account, {
    trigger: { kind: 'tag_applied', tagId: tags.trigger },
    steps: pause,
  });
  const now = Date.now();
  await change([profiles[0]!], [tags.trigger]);
  await tick({ now: new Date(now) });
  await tick({ now: new Date(now + 2 * DAY) });
  expect(await run(flowId)).toMatchObject({ outcome: 'done' });
  await change([profiles[1]!], [tags.trigger]);
  await tick({ now: new Date(now + 3 * DAY) });
  expect(await run(flowId, profiles[1])).toMatchObject({ step: 'wait', outcome: null });
  await merge();
  expect(await run(flowId)).toMatchObject({ step: 'wait', outcome: null, entry: 2 });
  await expectCountsToFit(account.sectionId, flowId);
});

it('the goal is counted on the ways of the stay in which it is reached, and not on those of the other', async () => {
  const flowId = await publishTestFlow(
    account,
    {
      trigger: { kind: 'tag_applied', tagId: tags.trigger },
      steps: [
        {
          ...{ id: 'split', kind: 'branch', otherwise: [] },
          ways: [{ id: 'way1', rules: { timeZone: 'UTC', root: allOf(hasTag(tags.stop)) }, steps: [] }],
        },
        ...pause,
      ],
    },
    { goal: { kind: 'tag', tagId: tags.vip } },
  );
  const numbers = async () =>
    valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));
  await change([profiles[1]!], [tags.stop]);
  await change(profiles, [tags.trigger]);
  await tick();
  expect((await numbers()).ways).toEqual({ way1: 1, 'split:otherwise': 1 });
  await merge();
  await change([profiles[0]!], [tags.vip]);
  await tick();
  expect((await numbers()).goals).toEqual({ 'split:otherwise': 1 });
  await expectCountsToFit(account.sectionId, flowId);
});
