// A section's own templates: saved from a message, renamed, replaced, deleted and brought back.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { HELLO, TestSending } from '@/testing/sends';
import { createMessage, saveMessage } from './commands';
import { readMessage } from './reads';
import { deleteTemplate, readTemplate, readTemplates, renameTemplate, saveTemplate } from './templates';

let account: TestAccount;
let sending: TestSending;
let where: { sectionId: TestAccount['sectionId'] };

beforeAll(async () => {
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
  where = { sectionId: account.sectionId };
});

const names = async () => valueOf(await readTemplates(account.marketer, where)).map(({ name }) => name);

it('is a copy of a message, for everyone of the section: what is written there later does not change it', async () => {
  const messageId = await sending.message();
  const { id } = valueOf(await saveTemplate(account.marketer, { ...where, messageId, name: 'Our letter' }));
  const { content, ...message } = valueOf(await readMessage(account.marketer, { ...where, messageId }));
  const changed = { ...HELLO, subject: [{ type: 'text', text: 'Something else' }] };
  const draft = { name: message.name, kind: message.kind, topicIds: message.topicIds, senderId: message.senderId };
  valueOf(
    await saveMessage(account.marketer, {
      ...{ ...where, ...draft, messageId, audience: message.audience, settings: message.settings },
      ...{ content: { ...content, document: changed }, seen: message.changedAt.toISOString() },
    }),
  );
  const template = valueOf(await readTemplate(account.admin, { ...where, templateId: id }));
  expect(template).toMatchObject({ name: 'Our letter', document: { subject: [{ text: 'Hello' }] } });
  expect(template.document.blocks).toHaveLength(1);
  const other = await createTestSection(account.accountId, 'Other');
  expect(await readTemplate(account.owner, { sectionId: other, templateId: id })).toMatchObject({
    refusal: { code: 'not_found' },
  });

  // A name is taken once; who means it replaces what has it.
  const again = { ...where, messageId, name: ' our LETTER ' };
  expect(await saveTemplate(account.marketer, again)).toMatchObject({ refusal: { code: 'name_taken' } });
  expect(valueOf(await saveTemplate(account.marketer, { ...again, replace: true }))).toMatchObject({ id });
  expect(valueOf(await readTemplate(account.admin, { ...where, templateId: id })).document.subject).toMatchObject([
    { text: 'Something else' },
  ]);
});

it('is renamed, deleted and brought back, unless its name has been taken meanwhile', async () => {
  const messageId = await sending.message();
  const { id: templateId } = valueOf(await saveTemplate(account.marketer, { ...where, messageId, name: 'Autumn' }));
  valueOf(await renameTemplate(account.marketer, { ...where, templateId, name: 'Winter' }));
  expect(await names()).toContain('Winter');
  valueOf(await deleteTemplate(account.marketer, { ...where, templateId }));
  expect(await names()).not.toContain('Winter');
  expect(await renameTemplate(account.marketer, { ...where, templateId, name: 'Spring' })).toMatchObject({
    refusal: { code: 'not_found' },
  });
  const { id: newer } = valueOf(await saveTemplate(account.marketer, { ...where, messageId, name: 'Winter' }));
  const back = { ...where, templateId, deleted: false };
  expect(await deleteTemplate(account.marketer, back)).toMatchObject({ refusal: { code: 'name_taken' } });
  valueOf(await renameTemplate(account.marketer, { ...where, templateId: newer, name: 'Spring' }));
  valueOf(await deleteTemplate(account.marketer, back));
  expect(await names()).toEqual(expect.arrayContaining(['Spring', 'Winter']));
});

it('of an SMS, or of an email without anything in it, is refused', async () => {
  const empty = valueOf(await createMessage(account.marketer, { ...where, name: 'Empty' }));
  const sms = valueOf(await createMessage(account.marketer, { ...where, name: 'SMS', channel: 'sms' }));
  for (const { id: messageId } of [empty, sms]) {
    expect(await saveTemplate(account.marketer, { ...where, messageId, name: 'Nothing' })).toMatchObject({
      refusal: { code: 'invalid' },
    });
  }
});
