// A step that fails for many: it holds up neither the process nor anybody for whom it does not fail.
import { beforeEach, describe, expect, it } from 'vitest';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow } from '@/testing/flows';
import { makeAttribute, tagProfiles } from '@/testing/segments';
import { tick } from './tick';

let account: TestAccount;
let trigger: TagId;

beforeEach(async () => {
  account = await createTestAccount();
  trigger = await createTestTag(account.sectionId, 'Trigger');
});

/** Somebody comes to a wait for a date, of whom the database has what is no date: the step fails for them. */
async function flowOf(poisoned: readonly ProfileId[]): Promise<FlowId> {
  const date = await makeAttribute(account.admin, account.sectionId, 'date');
  await execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify({ [date.code]: 'tomorrow' })}::jsonb
      where section_id = ${account.sectionId} and id = any(${poisoned}::bigint[])`,
  );
  return publishTestFlow(account, {
    trigger: { kind: 'tag_applied', tagId: trigger },
    steps: [{ id: 'wait', kind: 'wait_date', attributeId: date.id }],
  });
}

const attempted = async (flowId: FlowId) =>
  (
    await one<{ failed: number }>(
      pool(),
      sql`
        select count(*)::int as failed from flow_run
        where section_id = ${account.sectionId} and flow_id = ${flowId} and attempts > 0`,
    )
  ).failed;

describe('a step that fails for many', () => {
  it('stops with the process, though many are still to be tried alone', async () => {
    const people = await createTestProfiles(account.sectionId, 40);
    const flowId = await flowOf(people);
    await tagProfiles(account.sectionId, people, { apply: [trigger] });
    const stopping = new AbortController();
    // The process is told to stop as soon as the first of them has failed alone.
    const working = tick({ signal: stopping.signal }).catch(() => undefined);
    while ((await attempted(flowId)) === 0);
    stopping.abort();
    await working;
    expect(await attempted(flowId)).toBeLessThan(40);
  });

  it('is noted of everybody once, and of most of them together', async () => {
    const people = await createTestProfiles(account.sectionId, 60);
    const flowId = await flowOf(people);
    await tagProfiles(account.sectionId, people, { apply: [trigger] });
    await tick({ now: new Date(Date.now() + 1_000), forMs: 600_000 });
    const found = await rows<{ attempts: number; error: string; dueAt: Date }>(
      pool(),
      sql`
        select attempts, error, due_at as "dueAt" from flow_run
        where section_id = ${account.sectionId} and flow_id = ${flowId}`,
    );
    expect(found).toHaveLength(60);
    expect(found.every(({ attempts, error }) => attempts === 1 && error !== '')).toBe(true);
    const together = new Map<number, number>();
    for (const { dueAt } of found) together.set(dueAt.getTime(), (together.get(dueAt.getTime()) ?? 0) + 1);
    expect(Math.max(...together.values())).toBeGreaterThan(1);
  });

  it('goes on for those for whom it does not fail', async () => {
    const people = await createTestProfiles(account.sectionId, 60);
    const flowId = await flowOf(people.slice(30));
    await tagProfiles(account.sectionId, people, { apply: [trigger] });
    await tick({ now: new Date(Date.now() + 1_000), forMs: 600_000 });
    expect(await attempted(flowId)).toBe(30);
    const { done } = await one<{ done: number }>(
      pool(),
      sql`
        select count(*)::int as done from flow_run
        where section_id = ${account.sectionId} and flow_id = ${flowId} and outcome = 'done'`,
    );
    expect(done).toBe(30);
  });
});
