// Test mails of a draft: written by the same lines as those of a send, with links that act on nobody, and counted nowhere.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { admit, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { ProfileIdSchema } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import type { Recipient } from '@/lib/mail-document/render';
import { readAddress } from '@/lib/sending/address';
import { ComposeError } from '@/lib/sending/compose/compose';
import { openTransport } from '@/lib/sending/open-transport';
import type { Outcome } from '@/lib/sending/outcome';
import { openSender } from '@/lib/sending/queries';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import { lostInContent } from './lost';
import { listTopic, openWriter, UnwritableMail } from './mail';
import { findMessage } from './queries';
import { valuesFor } from './render-for';
import { InMessage } from './schema';
import { compileEmail, requireContent } from './version';

const TESTS_AT_ONCE = 5;

const TestSchema = InMessage.extend({
  to: z
    .array(z.string().trim().max(320))
    .min(1, 'Enter an address.')
    .max(TESTS_AT_ONCE, `Enter at most ${TESTS_AT_ONCE} addresses.`),
  /** As whom it is written; null: as somebody of whom nothing is known. */
  profileId: ProfileIdSchema.nullable(),
});

/** What became of a test mail. */
export type TestOutcome = { to: string; outcome: Outcome };

const DECLARED = { name: 'messages.test', scope: 'section', allow: 'everyone', input: TestSchema } as const;

/**
 * Sends the draft as it is saved to people of the account, and says what the server answered. Not in a transaction: the mails leave
 * at once.
 */
export async function sendTest(
  actor: Actor,
  raw: unknown,
  options: Partial<PoolOptions> = {},
): Promise<Result<{ outcomes: TestOutcome[] }>> {
  try {
    const { input } = await admit(DECLARED, actor, raw);
    const { sectionId, messageId, profileId } = input;
    const to = await ownAddresses(actor, input.to);
    const message = await findMessage(pool(), sectionId, messageId);
    if (!message) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
    const sender = message.senderId === null ? undefined : await openSender(pool(), sectionId, message.senderId);
    if (!sender) return refuse('invalid', 'Choose a sender first.', { field: 'senderId' });
    if (sender.pausedAt) refuse('conflict', `The sender “${sender.name}” is paused.`);
    const { content } = message;
    if (content.channel !== 'email') return refuse('invalid', 'This message is an SMS: its tests go to numbers.');
    requireContent(sectionId, content);
    const compiled = await compileEmail(pool(), sectionId, content);
    const [lost] = await lostInContent(pool(), sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    const known = profileId === null ? undefined : await valuesFor(pool(), sectionId, [profileId], compiled);
    const person = profileId === null ? NOBODY : known?.get(profileId);
    if (!person) return refuse('not_found', 'This person does not exist any more. Choose somebody else.');
    const topic = (await listTopic(pool(), sectionId, message.topicIds)) ?? null;
    const { kind, settings } = message;
    const write = openWriter({ sectionId, sendId: null, kind, topic, settings, compiled, sender });
    const room = await transaction((tx) => takeRoom(tx, sender, to.length));
    if (room.granted < to.length) refuse('conflict', 'The sender has reached its limit. Try it again later.');
    const transport = openTransport(sender, { connectMs: 15_000, replyMs: 60_000, ...options });
    try {
      const outcomes = await Promise.all(
        to.map(async (address) => {
          const mail = write({ number: null, address, date: new Date() }, person);
          return { to: address, outcome: await transport.deliver(mail) };
        }),
      );
      const recorded = await recordTest(actor, { sectionId, messageId, to });
      return recorded.ok ? { ok: true, value: { outcomes } } : recorded;
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (error instanceof UnwritableMail || error instanceof ComposeError) {
      return { ok: false, refusal: { code: 'invalid', message: error.message } };
    }
    return refused(error);
  }
}

/** Somebody of whom nothing is known. */
export const NOBODY: Recipient = { values: new Map(), tags: new Set() };

/** Tests go to people of the account: they are marketing without consent. Refuses others. */
async function ownAddresses(actor: Actor, wanted: readonly string[]): Promise<string[]> {
  const addresses = wanted.map(
    (text, index) =>
      readAddress(text)?.address ??
      refuse('invalid', 'Enter an email address, such as name@example.com.', { field: `to.${index}` }),
  );
  const known = await rows<{ email: string }>(
    pool(),
    sql`
      select lower(email) as email from app_user
      where account_id = ${actor.accountId} and deactivated_at is null
        and lower(email) = any(${addresses.map((address) => address.toLowerCase())}::text[])`,
  );
  addresses.forEach((address, index) => {
    if (known.some(({ email }) => email === address.toLowerCase())) return;
    refuse('invalid', `${address} is nobody’s who works here. Tests go to people of this account.`, {
      field: `to.${index}`,
    });
  });
  return [...new Set(addresses)];
}

/** Records that a test was sent. */
export const recordTest = command({
  name: 'messages.test',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({ to: z.array(z.string()) }),
  run: ({ prisma }, { sectionId, messageId }) =>
    prisma.message.findFirstOrThrow({ where: { sectionId, id: messageId }, select: { name: true } }),
  audit: ({ messageId, to }, { name }) => ({
    summary: `Sent a test of the message “${name}” to ${to.join(', ')}`,
    subject: `message:${messageId}`,
  }),
});
