// What Admins do about bounces besides setting a mailbox up (save.ts).
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { parseInput, refused } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { newToken } from '@/lib/db/tokens';
import { returnAddressOf } from '@/lib/messages/return-address';
import { compose } from '@/lib/sending/compose/compose';
import { domainOfSender, openTransport } from '@/lib/sending/open-transport';
import { lockSender, ownSender } from '@/lib/sending/save';
import { InSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import { keepSecrets, requireMail } from './save';
import { TOPIC_ARN } from './sns';
import { openBounces } from './state';

/** Reads a mailbox no more, and forgets its password. What came of it stays. */
export const removeMailbox = command({
  name: 'bounces.remove-mailbox',
  scope: 'section',
  allow: 'admins',
  input: InSender,
  run: async ({ tx }, { sectionId, senderId }) => {
    const { name } = await lockSender(tx, sectionId, senderId);
    const { secrets } = await openBounces(tx, { sectionId, senderId });
    await keepSecrets(tx, { sectionId, senderId }, { ...secrets, password: null });
    await execute(
      tx,
      sql`
        update sender_bounces set mailbox = null, uid_validity = null, last_uid = 0, undeleted = '{}', lease = null, lease_until = null,
          error = null, failing_since = null
        where section_id = ${sectionId} and sender_id = ${senderId}`,
    );
    await execute(tx, sql`delete from bounce_aside where section_id = ${sectionId} and sender_id = ${senderId}`);
    return { name };
  },
  audit: ({ senderId }, { name }) => ({
    summary: `Bounces of the sender “${name}” are no longer read from a mailbox`,
    subject: `sender:${senderId}`,
  }),
});

/** Has a mailbox read as soon as possible. */
export const readMailboxNow = command({
  name: 'bounces.read-now',
  scope: 'section',
  allow: 'admins',
  input: InSender,
  run: async ({ tx }, { sectionId, senderId }) => {
    await execute(
      tx,
      sql`update sender_bounces set next_at = null where section_id = ${sectionId} and sender_id = ${senderId}`,
    );
    return {};
  },
  audit: () => null,
});

/** Forgets the list of mails that were set aside. They stay in the mailbox. */
export const clearAside = command({
  name: 'bounces.clear-aside',
  scope: 'section',
  allow: 'admins',
  input: InSender,
  run: async ({ tx }, { sectionId, senderId }) => {
    await lockSender(tx, sectionId, senderId);
    await execute(tx, sql`delete from bounce_aside where section_id = ${sectionId} and sender_id = ${senderId}`);
    return {};
  },
  audit: () => null,
});

/** Makes the secret that calls are signed with: `{ secret }`, this once. The one before goes on proving calls until the next. */
export const makeHookSecret = command({
  name: 'bounces.make-secret',
  secret: true,
  scope: 'section',
  allow: 'admins',
  input: InSender,
  run: async ({ tx }, { sectionId, senderId }) => {
    const sender = await lockSender(tx, sectionId, senderId);
    requireMail(sender);
    const { secrets } = await openBounces(tx, { sectionId, senderId });
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    await keepSecrets(
      tx,
      { sectionId, senderId },
      { ...secrets, hookSecret: secret, formerHookSecret: secrets.hookSecret },
    );
    return { secret, name: sender.name };
  },
  audit: ({ senderId }, { name }) => ({
    summary: `Made a secret for calls about bounces of the sender “${name}”`,
    subject: `sender:${senderId}`,
  }),
});

/** Sets the topic of Amazon SNS that is believed; empty: none. */
export const setTopic = command({
  name: 'bounces.set-topic',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({
    topicArn: z
      .string()
      .trim()
      .refine(
        (text) => text === '' || TOPIC_ARN.test(text),
        'Enter the ARN of the topic, such as arn:aws:sns:eu-north-1:123456789012:bounces.',
      ),
  }),
  run: async ({ tx }, { sectionId, senderId, topicArn }) => {
    const sender = await lockSender(tx, sectionId, senderId);
    requireMail(sender);
    await execute(
      tx,
      sql`
        insert into sender_bounces as known (section_id, sender_id, topic_arn)
        values (${sectionId}, ${senderId}, ${topicArn || null})
        on conflict (section_id, sender_id) do update set topic_arn = excluded.topic_arn, call_problem = null,
          confirmed_at = case when known.topic_arn = excluded.topic_arn then known.confirmed_at end`,
    );
    return { name: sender.name };
  },
  audit: ({ senderId, topicArn }, { name }) => ({
    summary:
      topicArn === '' ? `Amazon reports nothing about “${name}” any more` : `Set the topic of Amazon SNS of “${name}”`,
    subject: `sender:${senderId}`,
    details: { topicArn },
  }),
});

/**
 * Sends a mail to the return address, in the form that is set, to see whether it arrives in the mailbox. Refuses with `invalid` what the server said if it does not
 * take it.
 */
export async function sendProbe(
  actor: Actor,
  raw: unknown,
  options: Partial<PoolOptions> = {},
): Promise<Result<{ to: string }>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, senderId } = parseInput(InSender, raw);
    const sender = await ownSender(actor, sectionId, senderId);
    const { returns } = sender.settings;
    if (returns === null) return refuse('invalid', 'Set a return address first.');
    if (returns.form === 'plain') {
      return refuse('invalid', 'A plain address carries nothing that could be recognised. Choose another form.');
    }
    const to = returnAddressOf(returns, { sectionId, number: null });
    const mail = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: '', address: to },
      subject: 'Test of the return address',
      text: 'Tagwell has sent this to see whether mails to the return address arrive in the mailbox.\n',
      messageId: `probe.${newToken().tokenHash.slice(0, 24)}@${domainOfSender(sender)}`,
      date: new Date(),
      automatic: false,
    });
    await transaction((tx) => takeRoom(tx, sender, 1));
    const transport = openTransport(sender, { connections: 1, connectMs: 15_000, replyMs: 60_000, ...options });
    try {
      const outcome = await transport.deliver(mail);
      if (outcome.kind !== 'sent') return refuse('invalid', `It could not be sent. ${outcome.text}`);
    } finally {
      await transport.close();
    }
    const noted = await noteProbe(actor, { sectionId, senderId });
    return noted.ok ? { ok: true, value: { to } } : noted;
  } catch (error) {
    return refused(error);
  }
}

const noteProbe = command({
  name: 'bounces.probe',
  scope: 'section',
  allow: 'admins',
  input: InSender,
  run: async ({ tx }, { sectionId, senderId }) => {
    await execute(
      tx,
      sql`
        update sender_bounces set probed_at = ${new Date()}, arrived_at = null, next_at = null
        where section_id = ${sectionId} and sender_id = ${senderId}`,
    );
    return {};
  },
  audit: () => null,
});
