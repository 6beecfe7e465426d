// Sending a message once more to those for whom it failed: who is among them, who never is, and that its report counts each person once.
import { beforeAll, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import type { MessageId, ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { addSuppressions } from '@/lib/suppression/commands';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { tagProfiles, valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { readMessages } from './reads';
import { readReport } from './report';
import { scheduleMessage } from './schedule';
import { readFailed } from './sends';

let sending: TestSending;

/** What became of each person, and whether the message may go to them once more. */
const BECAME = [
  { state: 'sent', again: false },
  { state: 'unknown', again: false },
  { state: 'skipped', again: false },
  { state: 'cancelled', again: false },
  { state: 'refused', again: true },
  { state: 'failed', again: true },
  { state: 'sent', bounced: true, again: true },
  { state: 'sent', bounced: true, opened: true, again: false },
  { state: 'refused', suppressed: true, again: false },
  { state: 'refused', optedOut: true, again: false },
  { state: 'refused', tagged: true, again: false },
] as const;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sending = await TestSending.open(await createTestAccount(), null);
});

const peopleOf = async (sendId: SendId): Promise<ProfileId[]> =>
  (
    await rows<{ id: ProfileId }>(
      pool(),
      sql`
        select profile_id as id from recipient
        where section_id = ${sending.sectionId} and send_id = ${sendId} order by profile_id`,
    )
  ).map(({ id }) => id);

async function sendToFailed(messageId: MessageId) {
  const { account, sectionId } = sending;
  const seen = await sending.seen(messageId);
  return scheduleMessage(account.marketer, { sectionId, messageId, wish: { when: 'now' }, seen, failed: true });
}

it('goes to those of whom it is known that they did not get it and who may get it now, once each', async () => {
  const { account, sectionId } = sending;
  const people = await sending.people(BECAME.length);
  const doNotContact = await createTestTag(sectionId, 'Do not contact');
  const audience = { ...EVERYONE, exclude: [{ kind: 'tag' as const, id: doNotContact }], most: BECAME.length };
  const messageId = await sending.message({ audience });
  const first = await sending.schedule(messageId);
  await prepareSend({ sectionId, sendId: first });
  const now = new Date();
  const flag = (key: 'bounced' | 'opened') => BECAME.map((each) => key in each);
  await execute(
    pool(),
    sql`
      update recipient set state = became.state, ended_at = ${now}, next_at = null,
        bounced_at = case when became.bounced then ${now}::timestamptz end,
        opened_at = case when became.opened then ${now}::timestamptz end
      from unnest(
        ${people}::bigint[], ${BECAME.map(({ state }) => state)}::text[], ${flag('bounced')}::boolean[], ${flag('opened')}::boolean[]
      ) became (profile_id, state, bounced, opened)
      where recipient.section_id = ${sectionId} and recipient.send_id = ${first}
        and recipient.profile_id = became.profile_id`,
  );
  await execute(
    pool(),
    sql`update send set status = 'done', ended_at = ${now} where section_id = ${sectionId} and id = ${first}`,
  );
  // What has happened to some of them since.
  const [suppressed, optedOut, tagged] = (['suppressed', 'optedOut', 'tagged'] as const).map(
    (key) => people[BECAME.findIndex((each) => key in each)]!,
  );
  const { address } = (
    await rows<{ address: string }>(
      pool(),
      sql`
        select address from recipient
        where section_id = ${sectionId} and send_id = ${first} and profile_id = ${suppressed}`,
    )
  )[0]!;
  valueOf(await addSuppressions(account.admin, { sectionId, groups: [{ channel: 'email', addresses: [address] }] }));
  await sending.consent([optedOut!], 'opt-out');
  await tagProfiles(sectionId, [tagged!], { apply: [doNotContact] });

  expect(valueOf(await readFailed(account.marketer, { sectionId, messageId }))).toBe(6);
  const { sendId, promised } = valueOf(await sendToFailed(messageId));
  const again = people.filter((_, nth) => BECAME[nth]!.again);
  expect(promised).toBe(again.length);
  await prepareSend({ sectionId, sendId });
  expect(await peopleOf(sendId)).toEqual(again);
  await sendMails({ sectionId, senderId: sending.senderId, slot: 0 }, { turnMs: 15_000 });
  expect(await sending.states(sendId)).toEqual({ sent: again.length });
  // Whoever has it now is no longer among them.
  expect(valueOf(await readFailed(account.marketer, { sectionId, messageId }))).toBe(3);

  // Each person counts once, by what became of them last.
  const { totals } = valueOf(await readReport(account.marketer, { sectionId, messageId }));
  expect(totals).toMatchObject({
    recipients: BECAME.length,
    sent: 1 + again.length,
    refused: 3,
    failed: 0,
    bounced: 1,
  });
  const [listed] = valueOf(await readMessages(account.marketer, { sectionId, filter: 'sent' }));
  expect(listed!.figures).toMatchObject({ recipients: BECAME.length, sent: totals.sent });
});

it('stops with the reason where nobody may get it any more', async () => {
  const { account, sectionId } = sending;
  const [person] = await sending.people(1);
  const messageId = await sending.message();
  const first = await sending.schedule(messageId);
  await prepareSend({ sectionId, sendId: first });
  await execute(
    pool(),
    sql`
      update recipient set state = 'refused', ended_at = ${new Date()}, next_at = null
      where section_id = ${sectionId} and send_id = ${first}`,
  );
  await execute(
    pool(),
    sql`update send set status = 'done', ended_at = ${new Date()} where section_id = ${sectionId} and id = ${first}`,
  );
  const { sendId } = valueOf(await sendToFailed(messageId));
  await sending.consent(await peopleOf(first), 'opt-out');
  await prepareSend({ sectionId, sendId });
  expect(await sending.status(sendId)).toMatchObject({ status: 'nobody' });
  expect(await peopleOf(sendId)).toEqual([]);
  expect(valueOf(await readFailed(account.marketer, { sectionId, messageId }))).toBeGreaterThan(0);
  expect(person).toBeDefined();
});
