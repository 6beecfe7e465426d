// Test mails of a draft: written by the same lines as those of a send, with links that act on nobody, and counted nowhere.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { admit, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { ProfileIdSchema, TestGroupIdSchema, type ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { variantOf } from '@/lib/mail-document/compile';
import type { Recipient } from '@/lib/mail-document/render';
import { readAddress } from '@/lib/sending/address';
import { ComposeError } from '@/lib/sending/compose/compose';
import { openTransport } from '@/lib/sending/open-transport';
import type { Outcome } from '@/lib/sending/outcome';
import { openSender } from '@/lib/sending/queries';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoomForFew } from '@/lib/sending/use';
import { VARIANTS_MAX, variantName, variantsOf } from './ab-schema';
import { withSamples } from './given';
import { lostInContent } from './lost';
import { listTopic, openWriter, UnwritableMail } from './mail';
import { requireMayServe } from './commands';
import { findMessage } from './queries';
import { valuesFor } from './render-for';
import { InMessage } from './schema';
import { membersForTest } from './test-groups';
import type { TestMember } from './test-groups-schema';
import { compileEmail, requireContent } from './version';

const TESTS_AT_ONCE = 5;

const TestSchema = InMessage.extend({
  to: z.array(z.string().trim().max(320)).max(TESTS_AT_ONCE, `Enter at most ${TESTS_AT_ONCE} addresses.`).default([]),
  /** As whom it is written to `to`; null: as somebody of whom nothing is known. */
  profileId: ProfileIdSchema.nullable().default(null),
  /** Its members get it, each as it is written for them. */
  groupId: TestGroupIdSchema.nullable().default(null),
  /** Of an A/B test: A is 0. */
  variant: z
    .int()
    .min(0)
    .max(VARIANTS_MAX - 1)
    .default(0),
}).refine(({ to, groupId }) => groupId !== null || to.length > 0, { path: ['to'], message: 'Enter an address.' });

/** What became of a test mail. */
export type TestOutcome = { to: string; outcome: Outcome };
export type TestResult = {
  outcomes: TestOutcome[];
  /** Members of the test group who get none. */
  leftOut: TestMember[];
};

const DECLARED = { name: 'messages.test', scope: 'section', allow: 'everyone', input: TestSchema } as const;

/**
 * Sends the draft as it is saved to people of the account or to a test group, and says what the server answered. Not in a transaction: the mails
 * leave at once.
 */
export async function sendTest(
  actor: Actor,
  raw: unknown,
  options: Partial<PoolOptions> = {},
): Promise<Result<TestResult>> {
  try {
    const { input } = await admit(DECLARED, actor, raw);
    const { sectionId, messageId, profileId, groupId, variant } = input;
    const to = await ownAddresses(actor, input.to);
    const message = await findMessage(pool(), sectionId, messageId);
    if (!message) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
    const sender = message.senderId === null ? undefined : await openSender(pool(), sectionId, message.senderId);
    if (!sender) return refuse('invalid', 'Choose a sender first.', { field: 'senderId' });
    if (sender.pausedAt) refuse('conflict', `The sender “${sender.name}” is paused.`);
    const { content } = message;
    if (content.channel !== 'email') return refuse('invalid', 'This message is an SMS: its tests go to numbers.');
    requireContent(sectionId, content, message.settings);
    if (variant >= variantsOf(content).length) refuse('invalid', `There is no variant ${variantName(variant)}.`);
    const compiled = variantOf(await compileEmail(pool(), sectionId, content), variant);
    const [lost] = await lostInContent(pool(), sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    const { kind, settings, topicIds } = message;
    // It asks nobody for consent.
    if (groupId !== null && kind === 'service') requireMayServe(actor);
    const members =
      groupId === null
        ? []
        : await membersForTest(pool(), groupId, {
            ...{ sectionId, kind, accountId: actor.accountId },
            ...{ channel: 'email', topics: topicIds },
          });
    const asked = [
      ...to.map((address) => ({ address, as: profileId })),
      ...members.flatMap(({ id, address, why }) => (why === null && address !== null ? [{ address, as: id }] : [])),
    ];
    const leftOut = members.filter(({ why }) => why !== null);
    if (asked.length === 0) return { ok: true, value: { outcomes: [], leftOut } };
    const as = asked.flatMap((each): ProfileId[] => (each.as === null ? [] : [each.as]));
    const known = await valuesFor(pool(), sectionId, as, compiled);
    const topic = (await listTopic(pool(), sectionId, topicIds)) ?? null;
    const write = openWriter({ sectionId, sendId: null, kind, topic, settings, compiled, sender });
    // All are written before the first one leaves: one that cannot be written is no half of a test.
    const mails = asked.map(({ address, as: id }) => {
      const person = id === null ? NOBODY : known.get(id);
      if (!person) return refuse('not_found', 'This person does not exist any more. Choose somebody else.');
      return { address, mail: write({ number: null, address, date: new Date() }, withSamples(person, compiled)) };
    });
    const waits = await takeRoomForFew(sender, mails.length);
    const forEveryone = kind === 'marketing';
    const transport = openTransport(sender, { connectMs: 15_000, replyMs: 60_000, ...options });
    try {
      const outcomes = await Promise.all(
        mails.map(async ({ address, mail }, index) => {
          await pause(waits[index]);
          return { to: address, outcome: await transport.deliver({ ...mail, forEveryone }) };
        }),
      );
      const recorded = await recordTest(actor, { sectionId, messageId, to: mails.map(({ address }) => address) });
      return recorded.ok ? { ok: true, value: { outcomes, leftOut } } : recorded;
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
