// Undos of what flows began by: what an operation started ends with it, and a person who is put back loses nothing.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { saveFlow } from '@/lib/flows/commands';
import { moveOlderVersions } from '@/lib/flows/older-versions';
import { publishFlow } from '@/lib/flows/publish';
import { readFlow } from '@/lib/flows/reads';
import { tick } from '@/lib/flows/tick';
import { sendMails } from '@/lib/messages/deliver';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { tagProfiles } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { undoOperation } from './commands';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { news: TagId; vip: TagId };
let sink: Sink;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  tags = { news: await createTestTag(account.sectionId, 'News'), vip: await createTestTag(account.sectionId, 'VIP') };
  profiles = await createTestProfiles(account.sectionId, 3);
  sink = await startSink({});
});
afterEach(() => sink.close());

const pause = { id: 'wait', kind: 'wait' as const, time: { count: 2, unit: 'days' as const } };
const onTag = (tagId: TagId, steps: FlowDraft['steps']): FlowDraft => ({
  trigger: { kind: 'tag_applied', tagId },
  steps,
});
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);

async function tagAll(apply: TagId[]) {
  const { operationId } = valueOf(
    await bulkTag(account.marketer, {
      sectionId: account.sectionId,
      selection: { kind: 'all', filter: {} },
      apply,
      startsFlows: true,
    }),
  );
  await runToEnd(account.sectionId, operationId);
  await tick();
  return operationId;
}
const holders = async (tagId: TagId) =>
  (
    await one<{ held: number }>(
      pool(),
      sql`
        select count(*)::int as held from profile_tag
        where section_id = ${account.sectionId} and tag_id = ${tagId}`,
    )
  ).held;
async function undo(operationId: number) {
  const { undoId } = valueOf(
    await undoOperation(account.marketer, { sectionId: account.sectionId, operationId, endEntries: true }),
  );
  await runToEnd(account.sectionId, undoId);
}

describe('the undo of a bulk tag', () => {
  it('ends entries into a flow to which the flow that it started sent people on', async () => {
    const second = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [pause] });
    const first = await publishTestFlow(
      account,
      onTag(tags.news, [{ id: 'jump', kind: 'enter', flowId: second }, pause]),
    );
    const operationId = await tagAll([tags.news]);
    expect(await run(second)).toMatchObject({ step: 'wait' });
    await undo(operationId);
    expect(await run(first)).toMatchObject({ outcome: 'undone' });
    expect(await run(second)).toMatchObject({ outcome: 'undone' });
  });

  it('ends entries into a flow that a tag of the first one started', async () => {
    const second = await publishTestFlow(account, onTag(tags.vip, [pause]));
    await publishTestFlow(account, onTag(tags.news, [{ id: 'give', kind: 'tags', apply: [tags.vip] }, pause]));
    const operationId = await tagAll([tags.news]);
    expect(await run(second)).toMatchObject({ step: 'wait' });
    await undo(operationId);
    expect(await run(second)).toMatchObject({ outcome: 'undone' });
    // What the flow gave is not taken back: it is no part of the operation.
    expect(await holders(tags.vip)).toBe(3);
  });
});

describe('the undo of a move to another version', () => {
  it('of somebody whose message was under way lets them have it', async () => {
    const sending = await TestSending.open(account, { port: sink.port });
    const [person] = await sending.people(1);
    const messageId = await sending.message();
    const flowId = await publishTestFlow(account, onTag(tags.news, [{ id: 'mail', kind: 'email', messageId }, pause]));
    await tagProfiles(account.sectionId, [person!], { apply: [tags.news] });
    await tick();
    const { revision } = valueOf(await readFlow(account.marketer, of(flowId)));
    const document = onTag(tags.news, [pause]);
    const saved = valueOf(await saveFlow(account.marketer, { ...of(flowId), revision, document }));
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision: saved.revision }));
    const deliver = () =>
      Promise.all(
        [0, 1].map((slot) =>
          sendMails(
            { sectionId: account.sectionId, senderId: sending.senderId, slot },
            { replyMs: 400, resetMs: 300, turnMs: 20_000 },
          ),
        ),
      );
    const { operationId } = valueOf(
      await moveOlderVersions(account.marketer, {
        ...of(flowId),
        into: 2,
        places: [{ version: 1, step: 'mail', to: 'wait' }],
      }),
    );
    await runToEnd(account.sectionId, operationId);
    await deliver();
    expect(sink.heard.mails).toHaveLength(0);
    await undo(operationId);
    expect(await run(flowId, person)).toMatchObject({ step: 'mail', version: 1 });
    await tick();
    await deliver();
    expect(sink.heard.mails).toHaveLength(1);
  });
});
