// Answers of machines, in the numbers in which a gateway of a large company gives them.
import { expect, it } from 'vitest';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import { judge } from './machines';

it('a gateway that opens every link of many mails at once is judged in no time', async () => {
  const sending = await TestSending.open(await createTestAccount(), null);
  await sending.people(100);
  const sendId = await sending.frozen();
  const { sectionId } = sending;
  const [sent, opened] = [new Date('2026-11-20T10:00:00Z'), new Date('2026-11-20T11:00:00Z')];
  const found = await rows<{ number: number }>(
    pool(),
    sql`
      update recipient set state = 'sent', ended_at = ${sent} where section_id = ${sectionId} and send_id = ${sendId}
      returning number`,
  );
  // Each link of each mail, one after the other, several times; and one later, by somebody who reads.
  await execute(
    pool(),
    sql`
      insert into recipient_event (section_id, send_id, number, kind, link, at, agent, machine)
      select ${sectionId}::int, ${sendId}::int, number, 'clicked', nth % 20,
        ${opened}::timestamptz + make_interval(secs => nth * 1.5) + make_interval(hours => (nth = 60)::int),
        'Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0', false
      from recipient, generate_series(1, 60) nth
      where section_id = ${sectionId} and send_id = ${sendId}`,
  );
  const numbers = found.map(({ number }) => number);
  const first = sql`section_id = ${sectionId} and number = ${numbers[0]}`;
  await execute(pool(), sql`update recipient set state = 'unknown', why = 'crash' where ${first}`);
  const began = performance.now();
  await transaction((tx) => judge(tx, sectionId, sql`${numbers}::bigint[]`, new Date()));
  expect(performance.now() - began).toBeLessThan(1_500);
  const judged = await rows<{ why: string | null; events: number }>(
    pool(),
    sql`select why, count(*)::int as events from recipient_event where section_id = ${sectionId} group by why order by why`,
  );
  expect(judged).toEqual([
    { why: 'burst', events: 5_900 },
    { why: null, events: 100 },
  ]);
  // What is known by that to have arrived was lost for no reason.
  expect(await rows(pool(), sql`select state, why from recipient where ${first}`)).toEqual([
    { state: 'sent', why: null },
  ]);
});
