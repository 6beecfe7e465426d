// Making flows: drafts by revision, publishing, what keeps one from being published, pausing, stopping, deleting and copying.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf, type Result } from '@/lib/access/refusal';
import type { FlowId, TagId } from '@/lib/db/ids';
import { hideTag } from '@/lib/tags/commands';
import { dependents } from '@/lib/used-in/queries';
import { pool } from '@/lib/db/pool';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, type FlowDraft } from '@/testing/flows';
import { copyFlow, createFlow, deleteFlow, renameFlow, saveFlow } from './commands';
import { pauseFlow, publishFlow, resumeFlow, saveFlowSettings, stopFlow } from './publish';
import { readFlow, readFlowProblems, readFlows, readFlowVersions } from './reads';

let account: TestAccount;
let tags: { news: TagId; vip: TagId; stop: TagId };

beforeAll(async () => {
  account = await createTestAccount();
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { news: await tag('News'), vip: await tag('VIP'), stop: await tag('Do not contact') };
});

const document = (more: Partial<FlowDraft> = {}): FlowDraft => ({
  trigger: { kind: 'tag_applied', tagId: tags.news },
  steps: [{ id: 'vip1', kind: 'tags', apply: [tags.vip] }],
  ...more,
});
/** 'code: message' of what was refused. */
const refusalOf = (result: Result<unknown>) => (result.ok ? '' : `${result.refusal.code}: ${result.refusal.message}`);
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const read = async (flowId: FlowId) => valueOf(await readFlow(account.marketer, of(flowId)));

describe('a draft', () => {
  it('is made, listed, saved by its revision, and published as a version (case 67)', async () => {
    const { sectionId, marketer } = account;
    const { id, revision } = valueOf(await createFlow(marketer, { sectionId, name: 'Welcome' }));
    expect(await read(id)).toMatchObject({ name: 'Welcome', state: 'draft', version: null, inside: 0, attention: [] });
    const saved = valueOf(await saveFlow(marketer, { ...of(id), revision, document: document() }));
    expect(refusalOf(await saveFlow(account.admin, { ...of(id), revision, document: document() }))).toMatch(
      /^conflict: Test user has changed this flow/,
    );
    expect(valueOf(await publishFlow(marketer, { ...of(id), revision: saved.revision }))).toMatchObject({ version: 1 });
    expect(await read(id)).toMatchObject({ state: 'live', version: 1, isChanged: false });
    const steps = [{ id: 'vip1', kind: 'wait' as const, time: { count: 0, unit: 'minutes' as const } }];
    const next = valueOf(
      await saveFlow(marketer, { ...of(id), revision: saved.revision, document: document({ steps }) }),
    );
    expect(await read(id)).toMatchObject({ isChanged: true, published: { steps: [{ kind: 'tags' }] } });
    expect(valueOf(await publishFlow(marketer, { ...of(id), revision: next.revision }))).toMatchObject({ version: 2 });
    expect(valueOf(await readFlowVersions(marketer, of(id))).map(({ version }) => version)).toEqual([2, 1]);
    expect(valueOf(await readFlows(marketer, { sectionId, search: 'welc' })).map((each) => each.id)).toEqual([id]);
  });

  it('is not published before it is whole: each thing that is missing is said where it is (case 76)', async () => {
    const { id, revision } = await createTestFlow(account, {
      steps: [
        { id: 'tags', kind: 'tags' },
        {
          id: 'split',
          kind: 'split',
          ways: [
            { id: 'way1', percent: 50, steps: [{ id: 'mail', kind: 'email' }] },
            { id: 'way2', percent: 40, steps: [] },
          ],
        },
      ],
    });
    expect(valueOf(await readFlowProblems(account.marketer, of(id)))).toEqual([
      { stepId: null, place: 'trigger', words: 'Choose what lets people in.', must: true },
      { stepId: 'tags', place: 'steps', words: 'Choose a tag.', must: true },
      { stepId: 'split', place: 'steps', words: 'The shares make 90 %. They must make 100 %.', must: true },
      { stepId: 'mail', place: 'steps', words: 'Choose the message.', must: true },
    ]);
    expect(await publishFlow(account.marketer, { ...of(id), revision })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'trigger' },
    });
  });

  it('with a step of another section is refused (case 74)', async () => {
    const made = createFlow(account.marketer, {
      ...{ sectionId: account.sectionId, name: 'Foreign' },
      document: document({ steps: [{ id: 'tags', kind: 'tags', apply: [999_999_999] }] }),
    });
    expect(refusalOf(await made)).toMatch(/^invalid: .*tags/);
  });

  it('is copied with its trigger and all steps, without those in it (cases 72 and 137)', async () => {
    const { id } = await createTestFlow(account, document());
    const copy = valueOf(await copyFlow(account.marketer, of(id)));
    const [original, copied] = [await read(id), await read(copy.id)];
    expect(copied.document).toEqual(original.document);
    expect(copied).toMatchObject({ name: `${original.name} (copy)`, state: 'draft', version: null, inside: 0 });
  });
});

describe('a live flow', () => {
  const live = async (settings = {}) => {
    const { id, revision } = await createTestFlow(account, document(), settings);
    valueOf(await publishFlow(account.marketer, { ...of(id), revision }));
    return { id, revision };
  };

  it('is paused, goes on, is stopped, deleted and brought back, and each is said where it cannot be', async () => {
    const { id } = await live();
    const { marketer } = account;
    expect(await deleteFlow(marketer, of(id))).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    valueOf(await pauseFlow(marketer, of(id)));
    expect(await pauseFlow(marketer, of(id))).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    expect((await read(id)).state).toBe('paused');
    valueOf(await resumeFlow(marketer, of(id)));
    valueOf(await stopFlow(marketer, of(id)));
    expect((await read(id)).state).toBe('stopped');
    valueOf(await renameFlow(marketer, { ...of(id), name: `Old ${id}` }));
    valueOf(await deleteFlow(marketer, of(id)));
    expect(await readFlow(marketer, of(id))).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    valueOf(await deleteFlow(marketer, { ...of(id), deleted: false }));
    expect(await read(id)).toMatchObject({ name: `Old ${id}`, state: 'stopped' });
  });

  it('changes its re-entry rule at any time (case 68)', async () => {
    const { id, revision } = await live({ again: { kind: 'once' } });
    const saved = valueOf(
      await saveFlowSettings(account.marketer, { ...of(id), revision, settings: { again: { kind: 'each_time' } } }),
    );
    expect(await read(id)).toMatchObject({ revision: saved.revision, settings: { again: { kind: 'each_time' } } });
  });

  it('is named as a user of its tags, and needs attention when its exit tag is hidden (case 70)', async () => {
    const { id } = await live({ exitTagId: tags.stop });
    expect(await dependents(pool(), account.sectionId, 'tag', tags.stop)).toEqual([
      expect.objectContaining({ kind: 'flow', id, direct: true }),
    ]);
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tags.stop }));
    expect((await read(id)).attention).toEqual([expect.stringContaining('“Do not contact” was hidden')]);
  });
});
