// A message that is written, for stories of what comes after.
import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import { createMessage, saveMessage } from '@/lib/messages/commands';
import { readMessage } from '@/lib/messages/reads';
import { addMailbox } from '@/lib/sending/commands';
import { addProfiles, expect, personOf, type Account } from './fixtures';

/** The id of a message “December” with a button, which goes through the built-in mailbox to those who have agreed to its topic: the first of some people. */
export async function writtenMessage(
  account: Account,
  { people, agreed }: { people: number; agreed: number },
): Promise<number> {
  const of = { sectionId: account.section.id };
  const admin = await personOf(account, 'admin');
  const marketer = await personOf(account, 'user');
  const profiles = await addProfiles(account, people);
  const topic = await createTopic(admin, { ...of, name: 'Newsletter' });
  const mailbox = await addMailbox(admin, of);
  if (!topic.ok || !mailbox.ok) throw new Error('The section could not be set up.');
  for (const profileId of profiles.slice(0, agreed)) {
    const consent = { topicId: topic.value.id, channel: 'email', type: 'opt-in', reason: 'Said so' };
    expect(await setConsent(admin, { ...of, profileId, ...consent })).toMatchObject({ ok: true });
  }
  const made = await createMessage(marketer, { ...of, name: 'December' });
  if (!made.ok) throw new Error(made.refusal.message);
  const { id: messageId, changedAt: seen } = made.value;
  const found = await readMessage(marketer, { ...of, messageId });
  if (!found.ok) throw new Error(found.refusal.message);
  const { name, kind, topicIds, senderId, audience, settings } = found.value;
  const document = {
    subject: [{ type: 'text', text: 'News of December' }],
    blocks: [
      { id: 'a', kind: 'text', lines: [[{ type: 'text', text: 'For everybody.' }]] },
      { id: 'b', kind: 'button', label: [{ type: 'text', text: 'Read on' }], link: 'https://example.org/december' },
    ],
  };
  const draft = { name, kind, topicIds, senderId, audience, settings, content: { channel: 'email', document } };
  expect(await saveMessage(marketer, { ...of, messageId, seen, ...draft })).toMatchObject({ ok: true });
  return messageId;
}
