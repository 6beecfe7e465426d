// Messages, forms and flows say which flows use them.
import { expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createForm } from '@/lib/forms/commands';
import { deleteFlow } from '@/lib/flows/commands';
import { createMessage } from '@/lib/messages/commands';
import { createTestAccount } from '@/testing/fixtures';
import { createTestFlow } from '@/testing/flows';
import { readUsersOfThing } from './reads';

it('names the flows that use a message, a form or another flow, until they are deleted', async () => {
  const account = await createTestAccount();
  const { sectionId, marketer } = account;
  const message = valueOf(await createMessage(marketer, { sectionId, name: 'Welcome', channel: 'email' }));
  const form = valueOf(
    await createForm(marketer, { sectionId, name: 'Sign-up', document: { steps: [{ id: 'first', elements: [] }] } }),
  );
  const other = await createTestFlow(account, {});
  const flow = await createTestFlow(account, {
    trigger: { kind: 'form', formId: form.id },
    steps: [
      { id: 'mail', kind: 'email', messageId: message.id },
      { id: 'next', kind: 'enter', flowId: other.id },
    ],
  });
  const usersOf = async (kind: 'message' | 'form' | 'flow', id: number) =>
    valueOf(await readUsersOfThing(marketer, { sectionId, kind, id })).map((user) => user.id);
  expect(await usersOf('message', message.id)).toEqual([flow.id]);
  expect(await usersOf('form', form.id)).toEqual([flow.id]);
  expect(await usersOf('flow', other.id)).toEqual([flow.id]);
  valueOf(await deleteFlow(marketer, { sectionId, flowId: flow.id }));
  expect(await usersOf('message', message.id)).toEqual([]);
});
