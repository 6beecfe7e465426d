// The numbers beside each message in the list: those of its report, and an order of their own.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { MessageId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import { answers } from './answers';
import { readMessages } from './reads';
import { readReport } from './report';

const PERSON = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

let sending: TestSending;

beforeAll(async () => {
  sending = await TestSending.open(await createTestAccount(), null);
  await sending.people(10);
});

/** A message that went out to all ten, of whom some did not get it. Returns the numbers of those who did. */
async function sent(
  lost: readonly string[] = [],
): Promise<{ messageId: MessageId; sendId: SendId; numbers: number[] }> {
  const { sectionId } = sending;
  const sendId = await sending.frozen();
  const found = await rows<{ number: number }>(
    pool(),
    sql`
      select number from recipient where section_id = ${sectionId} and send_id = ${sendId} order by number`,
  );
  const numbers = found.map(({ number }) => number);
  await execute(
    pool(),
    sql`
      update recipient set ended_at = ${AN_HOUR_AGO}, next_at = null,
        state = case when given.state = 'bounced' then 'sent' else coalesce(given.state, 'sent') end,
        bounced_at = case when given.state = 'bounced' then ${AN_HOUR_AGO}::timestamptz end
      from unnest(${numbers}::bigint[], ${numbers.map((_, nth) => lost[nth] ?? null)}::text[]) as given (number, state)
      where recipient.section_id = ${sectionId} and recipient.number = given.number`,
  );
  const { messageId } = await one<{ messageId: MessageId }>(
    pool(),
    sql`
      update send set status = 'done', ended_at = ${AN_HOUR_AGO} where section_id = ${sectionId} and id = ${sendId}
      returning message_id as "messageId"`,
  );
  return { messageId, sendId, numbers: numbers.slice(lost.length) };
}

const note = (number: number, kind: 'opened' | 'clicked', link: number | null, after = 0) =>
  answers.note({
    sectionId: sending.sectionId,
    number,
    kind,
    link,
    at: new Date(Date.now() - 60_000 + after),
    agent: PERSON,
    head: false,
  });

async function listed(more: object = {}) {
  const { account, sectionId } = sending;
  return valueOf(await readMessages(account.marketer, { sectionId, filter: 'sent', ...more }));
}

const figuresOf = async (wanted: MessageId) => (await listed()).find(({ id }) => id === wanted)!.figures;

it('are those of the report: people, not machines, also once a person turns out to be one', async () => {
  const { messageId, numbers } = await sent(['refused', 'skipped', 'unknown', 'bounced']);
  const [reader, clicker, gateway] = numbers as [number, number, number];
  note(reader, 'opened', null);
  note(clicker, 'clicked', 0);
  note(gateway, 'clicked', 0);
  await answers.written();
  expect(await figuresOf(messageId)).toEqual({ recipients: 10, sent: 6, opened: 3, clicked: 2 });
  note(gateway, 'clicked', 1, 100);
  note(gateway, 'clicked', 2, 200);
  await answers.written();
  const figures = { recipients: 10, sent: 6, opened: 2, clicked: 1 };
  expect(await figuresOf(messageId)).toEqual(figures);
  const report = valueOf(await readReport(sending.account.marketer, { sectionId: sending.sectionId, messageId }));
  expect(report.totals).toMatchObject(figures);
});

it('order the list by shares of those who got it, page by page, in both directions', async () => {
  const [few, many] = [await sent(Array.from({ length: 8 }, () => 'refused')), await sent()];
  note(few.numbers[0]!, 'clicked', 0);
  note(many.numbers[0]!, 'clicked', 0);
  note(many.numbers[1]!, 'clicked', 0);
  await answers.written();
  const ids = async (more: object) => (await listed(more)).map(({ id }) => id);
  // One of two, and two of ten.
  const [first, second] = await ids({ order: 'clicked' });
  expect(first).toBe(few.messageId);
  expect(second).toBe(many.messageId);
  expect(await ids({ order: 'clicked', skip: 1, limit: 1 })).toEqual([many.messageId]);
  expect((await ids({ order: 'clicked', ascending: true })).at(-1)).toBe(few.messageId);
  expect((await ids({ order: 'started' }))[0]).toBe(many.messageId);
  const draft = await sending.message();
  const [last] = (await listed({ filter: 'all', order: 'opened', ascending: true })).slice(-1);
  expect(last).toMatchObject({ id: draft, figures: null });
});

it('of a send under way, are what has been taken so far', async () => {
  const sendId = await sending.frozen();
  const { sectionId } = sending;
  await execute(
    pool(),
    sql`
      insert into send_tally (section_id, send_id, part, handed, sent, address, policy, ours, template, complaints)
      values (${sectionId}, ${sendId}, 0, 4, 3, 1, 0, 0, 0, 0)`,
  );
  const [message] = await listed({ filter: 'open' });
  expect(message!.figures).toEqual({ recipients: 10, sent: 3, opened: 0, clicked: 0 });
});
