// Tests of a draft SMS: written by the same lines as those of a send, to numbers that are typed, and counted nowhere.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { admit, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { ProfileIdSchema, TestGroupIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { openSender } from '@/lib/sending/queries';
import { openSmsTransport } from '@/lib/sending/sms-transport';
import { takeRoomForFew } from '@/lib/sending/use';
import { readMobile } from '@/lib/sms/sender-name';
import type { SmsOptions } from '@/lib/sms/transport';
import { approvalRule } from './approval';
import { lostInContent } from './lost';
import { UnwritableMail } from './mail';
import { requireMayServe } from './commands';
import { findMessage } from './queries';
import { valuesFor } from './render-for';
import { InMessage } from './schema';
import { writeSms } from './sms';
import { compileSms } from './sms-content';
import { membersForTest, worksHere } from './test-groups';
import { NOBODY, recordTest, type TestResult } from './test-mail';
import { requireContent } from './version';

const TESTS_AT_ONCE = 5;

const TestSchema = InMessage.extend({
  to: z.array(z.string().trim().max(40)).max(TESTS_AT_ONCE, `Enter at most ${TESTS_AT_ONCE} numbers.`).default([]),
  /** As whom it is written to `to`; null: as somebody of whom nothing is known. */
  profileId: ProfileIdSchema.nullable().default(null),
  /** Its members get it, each as it is written for them. */
  groupId: TestGroupIdSchema.nullable().default(null),
}).refine(({ to, groupId }) => groupId !== null || to.length > 0, { path: ['to'], message: 'Enter a number.' });

const DECLARED = { name: 'messages.test', scope: 'section', allow: 'everyone', input: TestSchema } as const;

/**
 * Sends the draft as it is saved to numbers or to a test group, and says what the provider answered. Not in a transaction: the SMS leave
 * at once.
 */
export async function sendSmsTest(
  actor: Actor,
  raw: unknown,
  options: Partial<SmsOptions> = {},
): Promise<Result<TestResult>> {
  try {
    const { input } = await admit(DECLARED, actor, raw);
    const { sectionId, messageId, profileId, groupId } = input;
    const to = numbersIn(input.to);
    const message = await findMessage(pool(), sectionId, messageId);
    if (!message) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
    const { content } = message;
    if (content.channel !== 'sms') return refuse('invalid', 'This message is an email: its tests go to addresses.');
    const sender = message.senderId === null ? undefined : await openSender(pool(), sectionId, message.senderId);
    if (!sender) return refuse('invalid', 'Choose a sender first.', { field: 'senderId' });
    if (sender.pausedAt) refuse('conflict', `The sender “${sender.name}” is paused.`);
    requireContent(sectionId, content, message.settings);
    const compiled = await compileSms(pool(), sectionId, content.text);
    const [lost] = await lostInContent(pool(), sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    const { kind, topicIds, settings } = message;
    // It asks nobody for consent.
    if (groupId !== null && kind === 'service') requireMayServe(actor);
    await requireColleagues(actor, sectionId, to);
    const members =
      groupId === null
        ? []
        : await membersForTest(pool(), groupId, {
            ...{ sectionId, kind, accountId: actor.accountId },
            ...{ channel: 'sms', topics: topicIds },
          });
    const leftOut = members.filter(({ why }) => why !== null);
    const asked = [
      ...to.map((number) => ({ number, as: profileId })),
      ...members.flatMap(({ id, address, why }) =>
        why === null && address !== null ? [{ number: address, as: id }] : [],
      ),
    ];
    if (asked.length === 0) return { ok: true, value: { outcomes: [], leftOut } };
    const as = asked.flatMap((each): ProfileId[] => (each.as === null ? [] : [each.as]));
    const known = await valuesFor(pool(), sectionId, as, compiled);
    const texts = asked.map(({ number, as: id }) => {
      const person = id === null ? NOBODY : known.get(id);
      if (!person) return refuse('not_found', 'This person does not exist any more. Choose somebody else.');
      return { number, text: writeSms(compiled, { sectionId, number: null, settings }, person).text };
    });
    const waits = await takeRoomForFew(sender, texts.length);
    const forEveryone = kind === 'marketing';
    const transport = openSmsTransport(sender, { answerMs: 30_000, ...options });
    try {
      const outcomes = await Promise.all(
        texts.map(async ({ number, text }, index) => {
          await pause(waits[index]);
          const outcome = await transport.deliver({ to: number, text, reference: null, forEveryone });
          return { to: `+${number}`, outcome };
        }),
      );
      const recorded = await recordTest(actor, { sectionId, messageId, to: outcomes.map((each) => each.to) });
      return recorded.ok ? { ok: true, value: { outcomes, leftOut } } : recorded;
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (error instanceof UnwritableMail) return { ok: false, refusal: { code: 'invalid', message: error.message } };
    return refused(error);
  }
}

/** Where messages need approval, a number that is typed is somebody's who works here: of a profile with a colleague's email address. */
async function requireColleagues(actor: Actor, sectionId: SectionId, numbers: readonly string[]): Promise<void> {
  if (numbers.length === 0 || (await approvalRule(pool(), sectionId)) === 'none') return;
  const known = await rows<{ key: string }>(
    pool(),
    sql`
      select mobile.key from profile_key mobile
      join keyspace on keyspace.id = mobile.keyspace_id and keyspace.kind = 'mobile'
      where mobile.section_id = ${sectionId} and mobile.key = any(${numbers}::text[])
        and ${worksHere({ sectionId, accountId: actor.accountId }, sql`mobile.profile_id`)}`,
  );
  numbers.forEach((number, index) => {
    if (known.some(({ key }) => key === number)) return;
    refuse(
      'invalid',
      `Messages need approval here, so tests go to people who work here: nobody’s profile has +${number} and the email address of a user. A test group that an Admin has saved may have others.`,
      { field: `to.${index}` },
    );
  });
}

/** Each number once, as keys of Mobile are stored. */
function numbersIn(typed: readonly string[]): string[] {
  const numbers = typed.map(
    (text, index) =>
      readMobile(text) ??
      refuse('invalid', 'Enter numbers with + and their country code, such as +46701234567.', { field: `to.${index}` }),
  );
  return [...new Set(numbers)];
}
