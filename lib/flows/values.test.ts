// What goes by the date of each person needs an attribute that has dates.
import { beforeEach, expect, it } from 'vitest';
import type { TagId } from '@/lib/db/ids';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, type FlowDraft } from '@/testing/flows';
import { makeAttribute } from '@/testing/segments';
import { publishFlow } from './publish';
import { readFurtherProblems } from './reads';

let account: TestAccount;
let trigger: TagId;

beforeEach(async () => {
  account = await createTestAccount();
  trigger = await createTestTag(account.sectionId, 'Trigger');
});

it.each<[string, 'trigger' | 'steps', (attributeId: number) => FlowDraft]>([
  [
    'a wait for a date',
    'steps',
    (attributeId) => ({
      trigger: { kind: 'tag_applied', tagId: trigger },
      steps: [{ id: 'wait', kind: 'wait_date', attributeId }],
    }),
  ],
  [
    'a date that lets people in',
    'trigger',
    (attributeId) => ({ trigger: { kind: 'date', attributeId }, steps: [{ id: 'wait', kind: 'wait' }] }),
  ],
])('%s is refused with a text, and said in the draft', async (_what, place, document) => {
  const { sectionId } = account;
  const text = await makeAttribute(account.admin, sectionId, 'text');
  const { id, revision } = await createTestFlow(account, document(text.id));
  const problems = await readFurtherProblems(account.marketer, { sectionId, flowId: id });
  const stepId = place === 'trigger' ? null : 'wait';
  expect(problems).toMatchObject({ ok: true, value: [{ stepId, place, must: true }] });
  const published = await publishFlow(account.marketer, { sectionId, flowId: id, revision });
  expect(published).toMatchObject({ ok: false, refusal: { code: 'invalid', field: stepId ?? 'trigger' } });
  const date = await makeAttribute(account.admin, sectionId, 'date');
  const good = await createTestFlow(account, document(date.id));
  expect(await publishFlow(account.marketer, { sectionId, flowId: good.id, revision: good.revision })).toMatchObject({
    ok: true,
  });
});
