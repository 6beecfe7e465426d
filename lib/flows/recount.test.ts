// Numbers of flows by day, and those that have come to be wrong.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectCountsToFit, publishTestFlow } from '@/testing/flows';
import { foldFlowCounts } from './counts';
import { enterFlow, takeOutOfFlow } from './people-commands';
import { readFlowDays } from './reads';
import { recountFlows } from './recount';
import { tick } from './tick';

let account: TestAccount;
let profiles: ProfileId[];
beforeAll(async () => {
  account = await createTestAccount();
  profiles = await createTestProfiles(account.sectionId, 4);
});

const WAIT = { id: 'wait', kind: 'wait' as const, time: { count: 3, unit: 'days' as const } };

it('who enters, comes to the end and reaches the goal is counted on the day on which it happens', async () => {
  const { sectionId, marketer } = account;
  const tagId = await createTestTag(sectionId, 'Bought');
  const ways = [{ id: 'half1', percent: 100, steps: [] }];
  const flowId = await publishTestFlow(
    account,
    {
      trigger: { kind: 'none' },
      steps: [WAIT, { id: 'split', kind: 'split', ways: [...ways, { id: 'half2', percent: 0, steps: [] }] }],
    },
    { goal: { kind: 'tag', tagId } },
  );
  valueOf(await enterFlow(marketer, { sectionId, flowId, profileIds: profiles }));
  const began = new Date('2027-03-01T23:59:00Z');
  await tick({ now: began });
  valueOf(await takeOutOfFlow(marketer, { sectionId, flowId, profileIds: profiles.slice(0, 1) }));
  await execute(
    pool(),
    sql`
      insert into profile_tag (section_id, tag_id, profile_id)
      values (${sectionId}, ${tagId}, ${profiles[1]})`,
  );
  await tick({ now: new Date('2027-03-04T23:59:01Z') });
  await foldFlowCounts();
  const days = valueOf(await readFlowDays(marketer, { sectionId, flowId, since: '2027-03-01' }));
  expect(days).toEqual([
    { day: '2027-03-01', entered: 4, done: 0, goal: 0 },
    { day: '2027-03-04', entered: 0, done: 2, goal: 1 },
  ]);
  expect(valueOf(await readFlowDays(marketer, { sectionId, flowId, since: '2027-03-04' }))).toHaveLength(1);
});

it('numbers that do not fit the people are put right, and that is said (case 147)', async () => {
  const { sectionId, marketer } = account;
  const flowId = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [WAIT] });
  valueOf(await enterFlow(marketer, { sectionId, flowId, profileIds: profiles }));
  await tick();
  const said: string[] = [];
  const recount = () =>
    recountFlows((words) => words.startsWith(`Flow ${flowId} of section ${sectionId},`) && said.push(words));
  await recount();
  expect(said).toEqual([]);
  const of = sql`section_id = ${sectionId} and flow_id = ${flowId}`;
  await execute(pool(), sql`update flow_count set number = number + 3 where ${of} and what = 'arrived'`);
  await execute(pool(), sql`delete from flow_count where ${of} and what = 'entered'`);
  await recount();
  expect(said).toEqual([
    `Flow ${flowId} of section ${sectionId}, version 1: 0 were counted, 4 are there. It is corrected.`,
    `Flow ${flowId} of section ${sectionId}, version 1, step wait: 7 were counted, 4 are there. It is corrected.`,
  ]);
  await expectCountsToFit(sectionId, flowId);
  await recount();
  expect(said).toHaveLength(2);
});
