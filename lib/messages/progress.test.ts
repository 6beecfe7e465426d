// When a send has ended: once no recipient of it is on their way.
import { beforeEach, expect, it } from 'vitest';
import { pool, transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import { sendMails } from './deliver';
import { endLease } from './leases';
import { endIfDone } from './progress';
import { keepResults } from './results';
import { settled } from './settle';

let sending: TestSending;

beforeEach(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sending = await TestSending.open(await createTestAccount(), null);
});

it('a send goes on behind many who may not get it any more', async () => {
  const left = await sending.people(400);
  await sending.people(5);
  const sendId = await sending.frozen();
  await sending.consent(left, 'opt-out');
  await sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot: 0 });
  expect(await sending.states(sendId)).toEqual({ 'skipped noConsent': 400, sent: 5 });
  expect((await sending.status(sendId)).status).toBe('done');
});

it('a send with somebody on their way has not ended', async () => {
  await sending.people(2);
  const sendId = await sending.frozen();
  const { sectionId } = sending;
  // Others than the test part of an A/B test are held.
  await execute(pool(), sql`update send set ab = '{}' where section_id = ${sectionId} and id = ${sendId}`);
  const are = async (state: string) => {
    await execute(pool(), sql`update recipient set state = ${state} where section_id = ${sectionId}`);
    await transaction((tx) => endIfDone(tx, sectionId, sendId));
    return (await sending.status(sendId)).status;
  };
  for (const state of ['waiting', 'held', 'claimed', 'handing'])
    expect([state, await are(state)]).toEqual([state, 'sending']);
  expect(await are('skipped')).toBe('done');
});

it('a holder that has lost its lease changes no row', async () => {
  await sending.people(3);
  const sendId = await sending.frozen();
  const { holder, claims } = await sending.claimed(sendId);
  await endLease(holder.slot, holder.lease);
  const refused = { kind: 'refused', why: 'address', code: 550, status: '5.1.1', text: 'No' } as const;
  await keepResults(
    holder,
    claims.map((one) => settled(one, refused, { again: false, now: new Date() })),
  );
  expect(await sending.states(sendId)).toEqual({ waiting: 3 });
});
