// The moment at which somebody comes in: while another version is published, while those are let in who were kept, and what brought them.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { itOnOneServer } from '@/testing/one-server';
import { hold, untilWaiting } from '@/testing/races';
import { saveFlow } from './commands';
import { settleKept } from './people-commands';
import { pauseFlow, publishFlow, resumeFlow, stopFlow } from './publish';
import { readFlow, readKept } from './reads';
import { takeIn } from './take-in';
import { tick } from './tick';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  tags = {
    trigger: await createTestTag(account.sectionId, 'Trigger'),
    vip: await createTestTag(account.sectionId, 'VIP'),
  };
  profiles = await createTestProfiles(account.sectionId, 2);
});

const change = (ids: readonly ProfileId[], apply: TagId[]) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove: [] }),
    ),
  );
const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const pause: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const kept = async (flowId: FlowId) => valueOf(await readKept(account.marketer, of(flowId))).people;
const revisionOf = async (flowId: FlowId) => valueOf(await readFlow(account.marketer, of(flowId))).revision;

it('who enters the earlier version while another is published is woken by what they wait for', async () => {
  const flowId = await publishTestFlow(account, {
    trigger: trigger(),
    steps: [
      {
        ...{ id: 'wait', kind: 'wait_for', timeout: { count: 30, unit: 'days' }, otherwise: [] },
        ways: [{ id: 'way1', what: { kind: 'tag_applied', tagId: tags.vip }, steps: [] }],
      },
    ],
  });
  const draft = { ...of(flowId), revision: await revisionOf(flowId), document: { trigger: trigger(), steps: pause } };
  const { revision } = valueOf(await saveFlow(account.marketer, draft));
  await change([profiles[0]!], [tags.trigger]);
  // The batch has read which version people come into, and waits for another row of the same person.
  const blocking = await hold((tx) =>
    execute(
      tx,
      sql`
        insert into flow_run (section_id, flow_id, profile_id, entry, version, step, arrived_at, entered_at)
        values (${account.sectionId}, ${flowId}, ${profiles[0]}, 1, 1, 'wait', ${new Date()}, ${new Date()})`,
    ),
  );
  const entering = takeIn(of(flowId), { limit: 100 });
  await untilWaiting();
  const publishing = publishFlow(account.marketer, { ...of(flowId), revision });
  await untilWaiting(2);
  await execute(blocking.tx, sql`delete from flow_run where section_id = ${account.sectionId} and flow_id = ${flowId}`);
  await blocking.commit();
  await entering;
  valueOf(await publishing);
  await tick();
  expect(await run(flowId)).toMatchObject({ step: 'wait', version: 1 });
  await change([profiles[0]!], [tags.vip]);
  await tick();
  expect(await run(flowId)).toMatchObject({ outcome: 'done' });
});

describe('who came while a flow was paused', () => {
  itOnOneServer(
    'a table is locked',
    'and is kept at the moment at which the others are let in, is kept still',
    async () => {
      const flowId = await publishTestFlow(account, { trigger: trigger(), steps: pause });
      valueOf(await pauseFlow(account.marketer, of(flowId)));
      await change([profiles[0]!], [tags.trigger]);
      await tick();
      valueOf(await resumeFlow(account.marketer, of(flowId)));
      const keeping = await hold(async (tx) => {
        await execute(
          tx,
          sql`
          insert into flow_kept (section_id, flow_id, profile_id, why, at, hops)
          values (${account.sectionId}, ${flowId}, ${profiles[1]}, 'paused', ${new Date()}, 0)`,
        );
        await execute(tx, sql`lock table flow_kept in share mode`);
      });
      const settling = settleKept(account.marketer, { ...of(flowId), enter: true });
      await untilWaiting();
      await keeping.commit();
      valueOf(await settling);
      await tick();
      expect(await run(flowId)).toMatchObject({ step: 'wait' });
      expect((await kept(flowId)) + ((await run(flowId, profiles[1])) ? 1 : 0)).toBe(1);
    },
  );

  it('enters with the operation that brought them and the length of their chain', async () => {
    const brought = { hops: 7, operationId: 41 as OperationId };
    const flowId = await publishTestFlow(account, { trigger: trigger(), steps: pause });
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    const happened = sql`
      select 1::smallint as topic, ${tags.trigger}::int as subject_id, ${profiles[0]}::bigint as profile_id`;
    await transaction((tx) =>
      execute(
        tx,
        appendSignals({ sectionId: account.sectionId, ...brought }, happened, sql`${new Date()}::timestamptz`),
      ),
    );
    await tick();
    valueOf(await resumeFlow(account.marketer, of(flowId)));
    valueOf(await settleKept(account.marketer, { ...of(flowId), enter: true }));
    await tick();
    const entered = await maybeOne(
      pool(),
      sql`
        select hops, operation_id as "operationId" from flow_run
        where section_id = ${account.sectionId} and flow_id = ${flowId} and profile_id = ${profiles[0]}`,
    );
    expect(entered).toEqual(brought);
  });

  it('is not offered any more when the flow was stopped and is published again', async () => {
    const flowId = await publishTestFlow(account, { trigger: trigger(), steps: pause });
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    await change([profiles[0]!], [tags.trigger]);
    await tick();
    valueOf(await stopFlow(account.marketer, of(flowId)));
    await tick();
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision: await revisionOf(flowId) }));
    expect(await kept(flowId)).toBe(0);
  });
});
