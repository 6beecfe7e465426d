// How long the history of flows is kept.
import { expect, it } from 'vitest';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles } from '@/testing/fixtures';
import { historyOf, publishTestFlow } from '@/testing/flows';
import { enterFlow } from './people-commands';
import { valueOf } from '@/lib/access/refusal';
import { removeOldHistory } from './retention';
import { tick } from './tick';

const DAY = 86_400_000;

it('keeps the steps of thirteen months, and all of those who are in a flow still', async () => {
  const account = await createTestAccount();
  const { sectionId, marketer } = account;
  const [gone, inside] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
  const wait = { id: 'wait', kind: 'wait' as const, time: { count: 30, unit: 'days' as const } };
  const short = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [{ id: 'leave', kind: 'leave' }] });
  const long = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [wait] });
  valueOf(await enterFlow(marketer, { sectionId, flowId: short, profileIds: [gone] }));
  valueOf(await enterFlow(marketer, { sectionId, flowId: long, profileIds: [inside] }));
  await tick();
  await execute(
    pool(),
    sql`update flow_visit set at = ${new Date(Date.now() - 390 * DAY)} where section_id = ${sectionId}`,
  );
  await removeOldHistory();
  expect(await historyOf(sectionId, short, gone)).not.toEqual([]);
  await removeOldHistory(new Date(Date.now() + 10 * DAY));
  expect(await historyOf(sectionId, short, gone)).toEqual([]);
  expect(await historyOf(sectionId, long, inside)).toEqual(['entered']);
});
