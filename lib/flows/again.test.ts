// Entering again, entering late, and entering at the moment at which a flow is published.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import {
  createTestFlow,
  expectCountsToFit,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { hold } from '@/testing/races';
import { copyFlow } from './commands';
import { publishFlow } from './publish';
import { listPeople } from './queries';
import { readFlow, readFlowNumbers } from './reads';
import { tick } from './tick';

const START = new Date('2027-03-01T12:00:00Z');
const HOUR = 3_600_000;
const after = (ms: number) => new Date(START.getTime() + ms);
const WAIT = { id: 'wait', kind: 'wait' as const, time: { count: 1, unit: 'hours' as const } };

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; stop: TagId; given: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), stop: await tag('Stop'), given: await tag('Given') };
  profiles = await createTestProfiles(account.sectionId, 4);
});

const changeIn = (tx: Tx, ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  changeTags(
    tx,
    { sectionId: account.sectionId, source: 'user', userId: null },
    wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove }),
  );
const change = (ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  transaction((tx) => changeIn(tx, ids, apply, remove));
/** The tag is taken off and given once more. */
const anew = async (ids: readonly ProfileId[], tagId: TagId) => {
  await change(ids, [], [tagId]);
  await change(ids, [tagId]);
};
const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const live = (steps: FlowDraft['steps'], settings: FlowDraftSettings = {}) =>
  publishTestFlow(account, { trigger: trigger(), steps }, settings);
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, of(flowId)));
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);

describe('entering again', () => {
  it('goes by the rule after the exit tag was taken off, and not before (case 32)', async () => {
    const [each, once] = [
      await live([WAIT], { exitTagId: tags.stop, again: { kind: 'each_time' } }),
      await live([WAIT], { exitTagId: tags.stop }),
    ];
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    await change(profiles, [tags.stop]);
    await anew(profiles, tags.trigger);
    await tick({ now: after(1_000) });
    expect(await numbers(each)).toMatchObject({ inside: 0, left: { exit_tag: 4 }, refused: { exit_tag: 4 } });
    await change(profiles, [], [tags.stop]);
    await tick({ now: after(2_000) });
    expect(await numbers(each)).toMatchObject({ inside: 0 });
    await anew(profiles, tags.trigger);
    await tick({ now: after(3_000) });
    expect(await numbers(each)).toMatchObject({ inside: 4, entered: 8 });
    expect(await numbers(once)).toMatchObject({ inside: 0, entered: 4, refused: { again: 4, exit_tag: 4 } });
    await expectCountsToFit(account.sectionId, each);
  });

  it('passes and people are told apart: a step counts each pass, a person is in the list once (case 142)', async () => {
    const flowId = await live([{ id: 'give', kind: 'tags', apply: [tags.given] }, WAIT], {
      again: { kind: 'each_time' },
    });
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    await tick({ now: after(HOUR) });
    await anew(profiles.slice(0, 1), tags.trigger);
    await tick({ now: after(HOUR) });
    expect((await numbers(flowId)).steps.give).toMatchObject({ arrived: 5, passed: 5 });
    expect(await run(flowId)).toMatchObject({ entry: 2 });
    const page = { step: null, failed: false, after: 0, limit: 10 };
    expect(await listPeople(pool(), account.sectionId, flowId, page)).toMatchObject([{ profileId: profiles[0] }]);
  });

  it('a copy has nobody of the original, and its steps are done for its own people only (case 138)', async () => {
    const flowId = await live([{ id: 'give', kind: 'tags', apply: [tags.given] }, WAIT]);
    await change(profiles.slice(0, 2), [tags.trigger]);
    await tick({ now: START });
    const copy = valueOf(await copyFlow(account.marketer, of(flowId)));
    const { revision } = valueOf(await readFlow(account.marketer, of(copy.id)));
    valueOf(await publishFlow(account.marketer, { ...of(copy.id), revision }));
    await tick({ now: after(1_000) });
    expect(await numbers(copy.id)).toMatchObject({ entered: 0, steps: {} });
    await change([profiles[2]!], [tags.trigger]);
    await tick({ now: after(2_000) });
    expect((await numbers(copy.id)).steps.give).toMatchObject({ passed: 1 });
    expect((await numbers(flowId)).steps.give).toMatchObject({ passed: 3 });
    expect(await historyOf(account.sectionId, copy.id, profiles[0]!)).toEqual([]);
  });
});

describe('a change that is committed late', () => {
  it('is not passed over when others were taken in since (case 165)', async () => {
    const flowId = await live([WAIT]);
    const long = await hold((tx) => changeIn(tx, [profiles[0]!], [tags.trigger]));
    await change(profiles.slice(1), [tags.trigger]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ inside: 3 });
    await long.commit();
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ inside: 4 });
  });

  it('while its flow is published counts as before that or after, and never twice (case 166)', async () => {
    const { id: flowId, revision } = await createTestFlow(account, { trigger: trigger(), steps: [WAIT] });
    const before = await hold((tx) => changeIn(tx, profiles.slice(0, 2), [tags.trigger]));
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision }));
    await change([profiles[2]!], [tags.trigger]);
    await before.commit();
    await tick({ now: START });
    // Begun before: they have the tag already, as if it had been given before the flow was there.
    expect(await numbers(flowId)).toMatchObject({ entered: 1 });
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ entered: 2 });
    await expectCountsToFit(account.sectionId, flowId);
  });
});

it('goes on where its numbers are lost or wrong (case 147)', async () => {
  const flowId = await live([WAIT, { id: 'give', kind: 'tags', apply: [tags.given] }]);
  await change(profiles.slice(0, 2), [tags.trigger]);
  await tick({ now: START });
  await execute(pool(), sql`delete from flow_count where section_id = ${account.sectionId} and step = ''`);
  await execute(
    pool(),
    sql`update flow_count set number = -7 where section_id = ${account.sectionId} and flow_id = ${flowId}`,
  );
  await change(profiles.slice(2), [tags.trigger]);
  await tick({ now: after(1_000) });
  await tick({ now: after(2 * HOUR) });
  for (const profileId of profiles) expect(await run(flowId, profileId)).toMatchObject({ outcome: 'done' });
});
