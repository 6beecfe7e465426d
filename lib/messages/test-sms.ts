// Tests of a draft SMS: written by the same lines as those of a send, to numbers that are typed, and counted nowhere.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { admit, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { ProfileIdSchema } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { openSender } from '@/lib/sending/queries';
import { openSmsTransport } from '@/lib/sending/sms-transport';
import { takeRoom } from '@/lib/sending/use';
import { readMobile } from '@/lib/sms/sender-name';
import type { SmsOptions } from '@/lib/sms/transport';
import { lostInContent } from './lost';
import { UnwritableMail } from './mail';
import { findMessage } from './queries';
import { valuesFor } from './render-for';
import { InMessage } from './schema';
import { writeSms } from './sms';
import { compileSms } from './sms-content';
import { NOBODY, recordTest, type TestOutcome } from './test-mail';
import { requireContent } from './version';

const TESTS_AT_ONCE = 5;

const TestSchema = InMessage.extend({
  to: z
    .array(z.string().trim().max(40))
    .min(1, 'Enter a number.')
    .max(TESTS_AT_ONCE, `Enter at most ${TESTS_AT_ONCE} numbers.`),
  /** As whom it is written; null: as somebody of whom nothing is known. */
  profileId: ProfileIdSchema.nullable(),
});

const DECLARED = { name: 'messages.test', scope: 'section', allow: 'everyone', input: TestSchema } as const;

/** Sends the draft as it is saved to numbers, and says what the provider answered. Not in a transaction: the SMS leave at once. */
export async function sendSmsTest(
  actor: Actor,
  raw: unknown,
  options: Partial<SmsOptions> = {},
): Promise<Result<{ outcomes: TestOutcome[] }>> {
  try {
    const { input } = await admit(DECLARED, actor, raw);
    const { sectionId, messageId, profileId } = input;
    const to = numbersIn(input.to);
    const message = await findMessage(pool(), sectionId, messageId);
    if (!message) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
    const { content } = message;
    if (content.channel !== 'sms') return refuse('invalid', 'This message is an email: its tests go to addresses.');
    const sender = message.senderId === null ? undefined : await openSender(pool(), sectionId, message.senderId);
    if (!sender) return refuse('invalid', 'Choose a sender first.', { field: 'senderId' });
    if (sender.pausedAt) refuse('conflict', `The sender “${sender.name}” is paused.`);
    requireContent(sectionId, content);
    const compiled = await compileSms(pool(), sectionId, content.text);
    const [lost] = await lostInContent(pool(), sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    const known = profileId === null ? undefined : await valuesFor(pool(), sectionId, [profileId], compiled);
    const person = profileId === null ? NOBODY : known?.get(profileId);
    if (!person) return refuse('not_found', 'This person does not exist any more. Choose somebody else.');
    const { text } = writeSms(compiled, { sectionId, number: null }, person);
    const room = await transaction((tx) => takeRoom(tx, sender, to.length));
    if (room.granted < to.length) refuse('conflict', 'The sender has reached its limit. Try it again later.');
    const transport = openSmsTransport(sender, { answerMs: 30_000, ...options });
    try {
      const outcomes = await Promise.all(
        to.map(async (number) => ({
          to: `+${number}`,
          outcome: await transport.deliver({ to: number, text, reference: null }),
        })),
      );
      const recorded = await recordTest(actor, { sectionId, messageId, to: outcomes.map((each) => each.to) });
      return recorded.ok ? { ok: true, value: { outcomes } } : recorded;
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (error instanceof UnwritableMail) return { ok: false, refusal: { code: 'invalid', message: error.message } };
    return refused(error);
  }
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
