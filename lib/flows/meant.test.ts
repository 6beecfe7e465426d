// Whom a trigger means: of several happenings of one person each is asked, also while the flow does not go.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { EventTypeId, EventVersionId, FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { addEventsByKey, setEventTypeHidden } from '@/lib/events/commands';
import { changeTags, wantedFor, type Cause } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow, runOf, type FlowDraft, type FlowDraftSettings } from '@/testing/flows';
import { makeEventType } from '@/testing/segments';
import { pauseFlow } from './publish';
import { readKept } from './reads';
import { tick } from './tick';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; stop: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  tags = {
    trigger: await createTestTag(account.sectionId, 'Trigger'),
    stop: await createTestTag(account.sectionId, 'Stop'),
  };
  profiles = await createTestProfiles(account.sectionId, 1);
});

const START = Date.now();
/** `second`: of the test. */
const change = (second: number, apply: TagId[], remove: TagId[] = [], cause: Partial<Cause> = {}) =>
  transaction((tx) =>
    changeTags(
      tx,
      {
        ...{ sectionId: account.sectionId, source: 'user', userId: null, at: new Date(START + second * 1_000) },
        ...cause,
      },
      wantedFor(sql`select unnest(${profiles}::bigint[]) as profile_id`, { apply, remove }),
    ),
  );
const pause: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];
const live = (document: FlowDraft, settings: FlowDraftSettings = {}) => publishTestFlow(account, document, settings);
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const kept = async (flowId: FlowId) => valueOf(await readKept(account.marketer, of(flowId))).people;

/** At a moment of its own. */
async function buy({ versionId }: { versionId: EventVersionId }, amount: number): Promise<ProfileId> {
  const events = [{ versionId: String(versionId), at: new Date(), data: { amount } }];
  const key = 'mia@example.com';
  const input = { sectionId: account.sectionId, keyspaceId: account.keyspaces.email, key, events };
  valueOf(await addEventsByKey(account.admin, input));
  const { id } = await one<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${account.sectionId} and key = ${key}`,
  );
  return id;
}
const above = (eventTypeId: EventTypeId, number: number) => ({
  ...{ kind: 'event' as const, eventTypeId },
  fields: [{ code: 'amount', compare: { test: 'above' as const, number } }],
});

describe('of two happenings of one person in one batch', () => {
  it('the second fits the conditions of the event: they enter by it', async () => {
    const type = await makeEventType(account.admin, account.sectionId, { amount: 'number' });
    const flowId = await live({ trigger: above(type.id, 100), steps: pause });
    await buy(type, 5);
    const mia = await buy(type, 500);
    await tick();
    expect(await run(flowId, mia)).toMatchObject({ step: 'wait' });
  });

  it('the tag comes by a way that does not count, goes, and comes by the one that counts: they enter by it', async () => {
    const trigger = { kind: 'tag_applied' as const, tagId: tags.trigger, sources: ['import' as const] };
    const flowId = await live({ trigger, steps: pause });
    await change(1, [tags.trigger]);
    await change(2, [], [tags.trigger]);
    await change(3, [tags.trigger], [], { source: 'import', originId: 1 });
    await tick();
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
  });

  it('the exit tag came and went between them: the one after it counts', async () => {
    const trigger = { kind: 'tag_applied' as const, tagId: tags.trigger };
    const flowId = await live({ trigger, steps: pause }, { exitTagId: tags.stop });
    await change(1, [tags.trigger]);
    await change(2, [tags.stop], [tags.trigger]);
    await change(3, [], [tags.stop]);
    await change(4, [tags.trigger]);
    await tick();
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
  });
});

describe('whom the trigger does not mean is not kept', () => {
  it('while the flow is paused: by the way of the tag', async () => {
    const trigger = { kind: 'tag_applied' as const, tagId: tags.trigger, sources: ['import' as const] };
    const flowId = await live({ trigger, steps: pause });
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    await change(1, [tags.trigger]);
    await tick();
    expect(await kept(flowId)).toBe(0);
    await change(2, [], [tags.trigger]);
    await change(3, [tags.trigger], [], { source: 'import', originId: 1 });
    await tick();
    expect(await kept(flowId)).toBe(1);
  });

  it('while the flow needs attention: by the conditions of the event', async () => {
    const type = await makeEventType(account.admin, account.sectionId, { amount: 'number' });
    const other = await makeEventType(account.admin, account.sectionId);
    const flowId = await live({
      trigger: above(type.id, 100),
      steps: [
        {
          ...{ id: 'wait', kind: 'wait_for', otherwise: [] },
          ways: [{ id: 'way1', what: { kind: 'event', eventTypeId: other.id }, steps: [] }],
        },
      ],
    });
    const { sectionId } = account;
    valueOf(await setEventTypeHidden(account.admin, { sectionId, eventTypeId: other.id, hidden: true }));
    await buy(type, 5);
    await tick();
    expect(await kept(flowId)).toBe(0);
    await buy(type, 500);
    await tick();
    expect(await kept(flowId)).toBe(1);
  });
});
