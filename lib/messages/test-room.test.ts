// Tests and the limits of their sender: one that is refused uses up nothing, and one that is more than a second takes goes in several.
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { takeRoomForFew } from '@/lib/sending/use';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { createMessage, saveMessage } from './commands';
import { readMessage } from './reads';
import { readSms } from './sms-written';
import { sendTest } from './test-mail';
import { sendSmsTest } from './test-sms';

let account: TestAccount;
let sending: TestSending;
let sink: Sink;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  account = await createTestAccount();
  sink = await startSink({});
});
afterEach(() => sink.close());

const used = () =>
  rows<{ seconds: number; taken: number }>(
    pool(),
    sql`
      select seconds, sum(taken)::int as taken from sender_use
      where section_id = ${account.sectionId} and taken > 0 group by seconds order by seconds`,
  );

it('a test mail that a limit refuses uses up none of the room that is left', async () => {
  sending = await TestSending.open(account, { port: sink.port, perDay: 3, perHour: 3 });
  const messageId = await sending.message();
  const { marketer, admin, owner } = account;
  const test = (...to: string[]) => sendTest(marketer, { sectionId: account.sectionId, messageId, to });
  valueOf(await test(marketer.email, admin.email));
  expect(await test(marketer.email, admin.email)).toMatchObject({
    refusal: { code: 'conflict', message: expect.stringContaining('limit') as string },
  });
  expect(await used()).toEqual([
    { seconds: 3_600, taken: 2 },
    { seconds: 86_400, taken: 2 },
  ]);
  valueOf(await test(owner.email));
  expect(sink.heard.mails).toHaveLength(3);
});

it('nor does a test SMS', async () => {
  sending = await TestSending.open(account, { port: sink.port, perDay: 3 });
  const { sectionId, marketer } = account;
  // The built-in mailbox takes SMS too.
  await execute(pool(), sql`update sender set kind = 'mailbox' where section_id = ${sectionId}`);
  const made = valueOf(await createMessage(marketer, { sectionId, name: 'Offer', channel: 'sms' }));
  const { messageId, name, kind, topicIds, audience, settings } = {
    messageId: made.id,
    ...valueOf(await readMessage(marketer, { sectionId, messageId: made.id })),
  };
  valueOf(
    await saveMessage(marketer, {
      ...{ sectionId, messageId, seen: made.changedAt, name, kind, topicIds, audience, settings },
      senderId: sending.senderId,
      content: { channel: 'sms', text: readSms('Hej! Reply STOP', { attributes: [], tags: [] }).text },
    }),
  );
  const test = (...to: string[]) => sendSmsTest(marketer, { sectionId, messageId, to });
  const numbers = ['+46701111111', '+46702222222'];
  valueOf(await test(...numbers));
  expect(await test(...numbers)).toMatchObject({ refusal: { code: 'conflict' } });
  expect(await used()).toEqual([{ seconds: 86_400, taken: 2 }]);
  valueOf(await test(numbers[0]!));
});

it('a few mails take the room of several seconds, and of none if the hour has too little', async () => {
  sending = await TestSending.open(account, { port: sink.port, perSecond: 2, perHour: 7 });
  const sender = {
    sectionId: account.sectionId,
    id: sending.senderId,
    settings: await rows<{ settings: Parameters<typeof takeRoomForFew>[0]['settings'] }>(
      pool(),
      sql`select settings from sender where section_id = ${account.sectionId}`,
    ).then(([row]) => row!.settings),
  };
  const now = new Date('2026-11-27T12:00:00.250Z');
  expect(await takeRoomForFew(sender, 5, now)).toEqual([0, 0, 750, 750, 1_750]);
  await expect(takeRoomForFew(sender, 3, now)).rejects.toThrow('limit');
  expect(await takeRoomForFew(sender, 2, now)).toEqual([1_750, 2_750]);
});
