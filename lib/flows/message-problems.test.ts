// What is said of messages while a flow that sends them is written: all that keeps them from being sent, at their steps.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createMessage } from '@/lib/messages/commands';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, type FlowDraft } from '@/testing/flows';
import { TestSending } from '@/testing/sends';
import { publishFlow } from './publish';
import { readFurtherProblems } from './reads';

let account: TestAccount;
let sending: TestSending;
beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  sending = await TestSending.open(account, { port: 1 });
  // A second one of each, so that a new message has none.
  sending = await TestSending.open(account, { port: 1 });
});

const problemsIn = async (document: FlowDraft) => {
  const { id, revision } = await createTestFlow(account, document);
  const flow = { sectionId: account.sectionId, flowId: id };
  const found = valueOf(await readFurtherProblems(account.marketer, flow));
  return { found, publish: () => publishFlow(account.marketer, { ...flow, revision }) };
};

it('are all faults of a message that is not ready, at each of its steps; publishing refuses the first', async () => {
  const name = 'Not written yet';
  const { id: messageId } = valueOf(await createMessage(account.marketer, { sectionId: account.sectionId, name }));
  const ready = await sending.message();
  const { found, publish } = await problemsIn({
    trigger: { kind: 'none' },
    steps: [
      { id: 'first', kind: 'email', messageId },
      { id: 'ready', kind: 'email', messageId: ready },
      { id: 'second', kind: 'email', messageId },
    ],
  });
  const words = [
    'Choose a sender.',
    'Choose a topic: the message goes to people who have agreed to get it.',
    'Write a subject.',
    'Write something: the message is empty.',
  ].map((fault) => `The message “${name}” is not ready. ${fault}`);
  expect(found).toEqual(
    ['first', 'second'].flatMap((stepId) => words.map((each) => ({ stepId, place: 'steps', words: each, must: true }))),
  );
  expect(await publish()).toMatchObject({ refusal: { message: 'Choose a sender.', field: 'first' } });
});

it('is also a message for the other channel, and one that may be sent by Admins only', async () => {
  const service = await sending.message({ kind: 'service' });
  const { found } = await problemsIn({
    trigger: { kind: 'none' },
    steps: [
      { id: 'sms1', kind: 'sms', messageId: await sending.message() },
      { id: 'serves', kind: 'email', messageId: service },
    ],
  });
  expect(found).toMatchObject([
    { stepId: 'sms1', words: expect.stringContaining('This message is not an SMS.') as string },
    { stepId: 'serves', words: expect.stringContaining('Only Account Owners and Admins') as string },
  ]);
});

it('is a value of the API that the flow does not take, as a mistake that may be meant', async () => {
  const messageId = await sending.message({
    document: {
      subject: [{ type: 'given', name: 'order', fallback: 'your order' }],
      blocks: [{ id: 'a', kind: 'text', lines: [[{ type: 'text', text: 'News for you.' }]] }],
    },
  });
  const steps: FlowDraft['steps'] = [{ id: 'mail', kind: 'email', messageId }];
  const without = await problemsIn({ trigger: { kind: 'none' }, steps });
  expect(without.found).toMatchObject([
    { stepId: 'mail', must: false, words: expect.stringContaining('No “order” comes with people') as string },
  ]);
  const taking = await problemsIn({ trigger: { kind: 'none', data: [{ name: 'order', type: 'text' }] }, steps });
  expect(taking.found).toEqual([]);
});
