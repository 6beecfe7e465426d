// A message that is written, for stories of what comes after.
import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { SenderId } from '@/lib/db/ids';
import { createMessage, saveMessage } from '@/lib/messages/commands';
import { readMessage } from '@/lib/messages/reads';
import { scheduleMessage } from '@/lib/messages/schedule';
import { addMailbox } from '@/lib/sending/commands';
import { addProfiles, expect, personOf, type Account } from './fixtures';

/**
 * The id of a message “December” with a button, which goes to those who have agreed to its topic: the first of some people. `through`: a sender; without
 * one, the built-in mailbox. `blocks`: more of them.
 */
export async function writtenMessage(
  account: Account,
  {
    people,
    agreed,
    through,
    blocks = [],
  }: { people: number; agreed: number; through?: SenderId; blocks?: readonly object[] },
): Promise<number> {
  const of = { sectionId: account.section.id };
  const admin = await personOf(account, 'admin');
  const marketer = await personOf(account, 'user');
  const profiles = await addProfiles(account, people);
  const topic = await createTopic(admin, { ...of, name: 'Newsletter' });
  if (!topic.ok) throw new Error(topic.refusal.message);
  let senderId = through;
  if (senderId === undefined) {
    const mailbox = await addMailbox(admin, of);
    if (!mailbox.ok) throw new Error(mailbox.refusal.message);
    senderId = mailbox.value.id;
  }
  for (const profileId of profiles.slice(0, agreed)) {
    const consent = { topicId: topic.value.id, channel: 'email', type: 'opt-in', reason: 'Said so' };
    expect(await setConsent(admin, { ...of, profileId, ...consent })).toMatchObject({ ok: true });
  }
  const made = await createMessage(marketer, { ...of, name: 'December' });
  if (!made.ok) throw new Error(made.refusal.message);
  const { id: messageId, changedAt: seen } = made.value;
  const found = await readMessage(marketer, { ...of, messageId });
  if (!found.ok) throw new Error(found.refusal.message);
  const { name, kind, topicIds, audience, settings } = found.value;
  const document = {
    subject: [{ type: 'text', text: 'News of December' }],
    blocks: [
      { id: 'a', kind: 'text', lines: [[{ type: 'text', text: 'For everybody.' }]] },
      { id: 'b', kind: 'button', label: [{ type: 'text', text: 'Read on' }], link: 'https://example.org/december' },
      ...blocks,
    ],
  };
  const draft = { name, kind, topicIds, senderId, audience, settings, content: { channel: 'email', document } };
  expect(await saveMessage(marketer, { ...of, messageId, seen, ...draft })).toMatchObject({ ok: true });
  return messageId;
}

/** Sends a written message now. */
export async function sendNow(account: Account, messageId: number): Promise<void> {
  const of = { sectionId: account.section.id, messageId };
  const marketer = await personOf(account, 'user');
  const found = await readMessage(marketer, of);
  if (!found.ok) throw new Error(found.refusal.message);
  const seen = found.value.changedAt.toISOString();
  expect(await scheduleMessage(marketer, { ...of, wish: { when: 'now' }, seen })).toMatchObject({ ok: true });
}
