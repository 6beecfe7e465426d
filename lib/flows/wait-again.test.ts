// A wait for the same happening that let somebody in, or that ended their last wait: it is for the next one.
import { beforeEach, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { EventVersionId, FlowId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { addEventsByKey } from '@/lib/events/commands';
import { workSubmissions } from '@/lib/forms/work';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { TestForms } from '@/testing/forms';
import { makeEventType } from '@/testing/segments';
import type { Awaited } from './schema';
import { tick } from './tick';

let account: TestAccount;
beforeEach(async () => {
  account = await createTestAccount();
});

const run = (flowId: FlowId, profileId: ProfileId) => runOf(account.sectionId, flowId, profileId);
const waitsFor = (what: Awaited, ...ids: string[]): FlowDraft['steps'] =>
  ids.map((id) => ({
    ...{ id, kind: 'wait_for', timeout: { count: 7, unit: 'days' }, otherwise: [] },
    ways: [{ id: `${id}x`, what, steps: [] }],
  }));
/** What is waited for is looked at in a later batch than that in which somebody comes to the wait. */
async function ticks(): Promise<void> {
  for (let again = 0; again < 3; again++) await tick();
  await tick({ now: new Date(Date.now() + 120_000) });
}

async function buy({ versionId }: { versionId: EventVersionId }, key = 'mia@example.com'): Promise<ProfileId> {
  const events = [{ versionId: String(versionId), at: new Date(), data: {} }];
  const input = { sectionId: account.sectionId, keyspaceId: account.keyspaces.email, key, events };
  valueOf(await addEventsByKey(account.admin, input));
  const { id } = await one<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${account.sectionId} and key = ${key}`,
  );
  return id;
}

it('each of two waits takes a purchase of its own, after that which let them in', async () => {
  const type = await makeEventType(account.admin, account.sectionId);
  const what = { kind: 'event' as const, eventTypeId: type.id, fields: [] };
  const flowId = await publishTestFlow(account, { trigger: what, steps: waitsFor(what, 'first', 'second') });
  const mia = await buy(type);
  await ticks();
  expect(await run(flowId, mia)).toMatchObject({ step: 'first' });
  await buy(type);
  await ticks();
  expect(await run(flowId, mia)).toMatchObject({ step: 'second' });
  await buy(type);
  await ticks();
  expect(await run(flowId, mia)).toMatchObject({ outcome: 'done' });
});

it('is for the second submission, not for the first one once more', async () => {
  const forms = await TestForms.open(account);
  const form = await forms.form();
  const what = { kind: 'form' as const, formId: form.formId };
  const flowId = await publishTestFlow(account, { trigger: what, steps: waitsFor(what, 'wait') });
  const submit = async () => {
    const id = await forms.submit(form, { email: 'mia@example.com', first: 'Mia' });
    await workSubmissions(account.sectionId);
    await ticks();
    return (await forms.submission(id)).profileId as ProfileId;
  };
  const mia = await submit();
  expect(await run(flowId, mia)).toMatchObject({ step: 'wait', outcome: null });
  await submit();
  expect(await run(flowId, mia)).toMatchObject({ outcome: 'done' });
});
