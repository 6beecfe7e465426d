// What bounces and complaints change, and what they do not: each once, whatever comes again, and never more than was said.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { liftSuppression } from '@/lib/suppression/commands';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import type { BounceClass } from './bounce-class';
import { recordAnswers, type Answer } from './bounces';
import { noteRefusals } from './refusals';

let account: TestAccount;
let sending: TestSending;

beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sending = await TestSending.open(account, null);
});

/** A send that everybody got. */
async function sent(count: number, { at = new Date(), status = 'done' } = {}) {
  const ids = await sending.people(count);
  return { ids, ...(await mailed({ at, status })) };
}

async function mailed({ at = new Date(), status = 'done' } = {}): Promise<{ sendId: SendId; numbers: number[] }> {
  const sendId = await sending.frozen();
  const found = await rows<{ number: number }>(
    pool(),
    sql`
      update recipient set state = 'sent', ended_at = ${at}, tried_at = ${at}
      where section_id = ${sending.sectionId} and send_id = ${sendId} returning number`,
  );
  await execute(
    pool(),
    sql`update send set status = ${status} where section_id = ${sending.sectionId} and id = ${sendId}`,
  );
  await execute(
    pool(),
    sql`
      insert into send_tally (section_id, send_id, part, handed, sent, address, policy, ours, template, complaints)
      values (${sending.sectionId}, ${sendId}, 0, ${found.length}, ${found.length}, 0, 0, 0, 0, 0)`,
  );
  return { sendId, numbers: found.map(({ number }) => number).sort((one_, other) => one_ - other) };
}

const bounce = (number: number, why: BounceClass, at = new Date()): Answer => ({
  about: { number },
  said: { kind: 'bounce', why },
  id: '',
  code: 550,
  status: '5.1.1',
  text: 'User unknown',
  at,
  via: 'mail',
});
const complaint = (number: number): Answer => ({
  ...bounce(number, 'other'),
  said: { kind: 'complaint', why: 'abuse' },
});

const record = (...answers: Answer[]) =>
  recordAnswers({ sectionId: sending.sectionId, senderId: sending.senderId }, answers);

const recipient = (number: number) =>
  one<{
    state: string;
    bounce: string | null;
    bounced: Date | null;
    complained: Date | null;
    profileId: ProfileId;
    key: string;
  }>(
    pool(),
    sql`
      select state, bounce, bounced_at as bounced, complained_at as complained, profile_id as "profileId", address_key as key
      from recipient where section_id = ${sending.sectionId} and number = ${number}`,
  );

const suppressed = (key: string) =>
  rows<{ id: number; reason: string; evidence: string }>(
    pool(),
    sql`
      select id, reason, evidence from suppression
      where section_id = ${sending.sectionId} and address_key = ${key} and lifted_at is null`,
  );

const consents = (profileId: ProfileId) =>
  rows<{ type: string }>(
    pool(),
    sql`
      select type from consent
      where section_id = ${sending.sectionId} and profile_id = ${profileId} and topic_id = ${sending.topicId}`,
  );

describe('a bounce', () => {
  it('of an address that does not exist suppresses it at once, with its evidence, and changes nothing else (K.119, K.124)', async () => {
    const { numbers } = await sent(2);
    expect(await record(bounce(numbers[0]!, 'address'))).toEqual({ bounces: 1, complaints: 0 });
    const { key, profileId, ...row } = await recipient(numbers[0]!);
    expect(row).toMatchObject({ state: 'sent', bounce: 'address', bounced: expect.any(Date) as Date });
    const [entry] = await suppressed(key);
    expect(entry).toMatchObject({ reason: 'hard' });
    expect(entry!.evidence).toMatch(/message “Message .*5\.1\.1 User unknown/);
    expect(await consents(profileId)).toEqual([{ type: 'opt-in' }]);
    expect(await recipient(numbers[1]!)).toMatchObject({ bounce: null, bounced: null });
    const events = await rows(
      pool(),
      sql`select kind, why from recipient_event where section_id = ${sending.sectionId} and number = ${numbers[0]}`,
    );
    expect(events).toEqual([{ kind: 'bounced', why: 'address' }]);
  });

  it('that comes again changes nothing, also after the address was let in again (K.126)', async () => {
    const { numbers } = await sent(1);
    await record(bounce(numbers[0]!, 'address'), bounce(numbers[0]!, 'address'));
    const { key } = await recipient(numbers[0]!);
    const [entry] = await suppressed(key);
    valueOf(
      await liftSuppression(account.admin, { sectionId: sending.sectionId, id: entry!.id, reason: 'It exists again' }),
    );
    expect(await record(bounce(numbers[0]!, 'address'))).toEqual({ bounces: 0, complaints: 0 });
    expect(await suppressed(key)).toEqual([]);
    // What comes later never makes it better.
    await record(bounce(numbers[0]!, 'full'));
    expect(await recipient(numbers[0]!)).toMatchObject({ bounce: 'address' });
  });

  it('whose words are cut within an emoji suppresses the address all the same', async () => {
    const { numbers } = await sent(1);
    const text = `${'x'.repeat(499)}😀😀`;
    expect(await record({ ...bounce(numbers[0]!, 'address'), text })).toEqual({ bounces: 1, complaints: 0 });
    expect(await record({ ...complaint(numbers[0]!), text })).toEqual({ bounces: 0, complaints: 1 });
    const { key } = await recipient(numbers[0]!);
    const [entry] = await suppressed(key);
    expect(entry!.evidence).toMatch(/x$/);
  });

  it('of the content or a policy never counts against the person (K.118)', async () => {
    const { numbers } = await sent(4);
    await record(
      ...(['policy', 'message', 'ours', 'unreachable'] as const).map((why, nth) => bounce(numbers[nth]!, why)),
    );
    for (const number of numbers) {
      const { key, bounce: why } = await recipient(number);
      expect(why).not.toBeNull();
      expect(await suppressed(key)).toEqual([]);
    }
  });

  it('many of them pause a send under way and ask (K.118)', async () => {
    const { numbers, sendId } = await sent(250, { status: 'sending' });
    await record(...numbers.slice(0, 9).map((number) => bounce(number, 'message')));
    expect((await sending.status(sendId)).status).toBe('sending');
    await record(...numbers.slice(9, 12).map((number) => bounce(number, 'policy')));
    expect(await sending.status(sendId)).toMatchObject({
      status: 'paused',
      kind: 'brake',
      reason: expect.stringMatching(/12 of 250/) as string,
    });
  });

  it('counted twice, as one mail came back for two reasons, they do not pause a send, nor are its rows counted each time', async () => {
    const { numbers, sendId } = await sent(250, { status: 'sending' });
    for (const why of ['message', 'policy'] as const) {
      await record(...numbers.slice(0, 7).map((number) => bounce(number, why)));
    }
    expect((await sending.status(sendId)).status).toBe('sending');
    const tally = await one<{ handed: number; policy: number }>(
      pool(),
      sql`
        select sum(handed)::int as handed, sum(policy)::int as policy from send_tally
        where section_id = ${sending.sectionId} and send_id = ${sendId}`,
    );
    expect(tally).toEqual({ handed: 250, policy: 7 });
  });

  it('five soft ones in a row over two weeks suppress an address; one mail that arrived begins anew (K.120)', async () => {
    const day = (nth: number) => new Date(Date.now() - (40 - nth) * 86_400_000);
    await sending.people(2);
    for (const [nth, days] of [0, 4, 8, 12].entries()) {
      const { numbers } = await mailed({ at: day(days) });
      await record(bounce(numbers[0]!, 'full', day(days)));
      // The other one's third mail has arrived.
      if (nth !== 2) await record(bounce(numbers[1]!, 'expired', day(days)));
    }
    const { numbers } = await mailed({ at: day(16) });
    const [worn, other] = [await recipient(numbers[0]!), await recipient(numbers[1]!)];
    expect(await suppressed(worn.key)).toEqual([]);
    await record(bounce(numbers[0]!, 'full', day(16)), bounce(numbers[1]!, 'full', day(16)));
    expect(await suppressed(worn.key)).toMatchObject([
      { reason: 'soft', evidence: expect.stringMatching(/^5 mails in a row/) as string },
    ]);
    expect(await suppressed(other.key)).toEqual([]);
  });

  it('proves that a mail of which nothing was known had left', async () => {
    const { numbers, sendId } = await sent(1);
    await execute(
      pool(),
      sql`update recipient set state = 'unknown', why = 'crash' where section_id = ${sending.sectionId} and send_id = ${sendId}`,
    );
    await record(bounce(numbers[0]!, 'full'));
    expect(await recipient(numbers[0]!)).toMatchObject({ state: 'sent', bounce: 'full' });
  });

  it('suppresses the address that was mailed, not the one that the person has now (K.127)', async () => {
    const { numbers, ids } = await sent(1);
    const { key } = await recipient(numbers[0]!);
    await execute(
      pool(),
      sql`update profile_key set key = 'new.' || key where section_id = ${sending.sectionId} and profile_id = ${ids[0]}`,
    );
    await record(bounce(numbers[0]!, 'address'));
    expect(await suppressed(key)).toHaveLength(1);
    expect(await suppressed(`new.${key}`)).toEqual([]);
  });

  it('is not written about people who were erased; those who were merged keep theirs', async () => {
    const { numbers, ids } = await sent(3);
    await record(bounce(numbers[2]!, 'full'));
    const erased = await recipient(numbers[0]!);
    for (const profileId of [ids[0]!, ids[2]!]) {
      valueOf(await eraseProfile(account.marketer, { sectionId: sending.sectionId, profileId }));
    }
    await record(bounce(numbers[0]!, 'address'));
    expect(await suppressed(erased.key)).toEqual([]);
    const kept = await rows(
      pool(),
      sql`
        select answer, address_key as key from bounce
        where section_id = ${sending.sectionId} and number = any(${[numbers[0], numbers[2]]}::bigint[])`,
    );
    expect(kept).toEqual([
      { answer: null, key: null },
      { answer: null, key: null },
    ]);
    expect(await record(bounce(999_999_999, 'address'))).toEqual({ bounces: 0, complaints: 0 });
  });
});

describe('a complaint', () => {
  it('suppresses the address and withdraws the consents of what it was about', async () => {
    const { numbers } = await sent(2);
    expect(await record(complaint(numbers[0]!), complaint(numbers[0]!))).toEqual({ bounces: 0, complaints: 1 });
    const { key, profileId, complained } = await recipient(numbers[0]!);
    expect(complained).toBeInstanceOf(Date);
    expect(await suppressed(key)).toMatchObject([{ reason: 'complaint' }]);
    expect(await consents(profileId)).toEqual([{ type: 'opt-out' }]);
    expect(await consents((await recipient(numbers[1]!)).profileId)).toEqual([{ type: 'opt-in' }]);
  });

  it('of a merged person is that of the one that remains', async () => {
    const { numbers, ids } = await sent(2);
    const later = new Date(Date.now() + 60_000);
    const merged = {
      sectionId: sending.sectionId,
      into: ids[0],
      from: ids[1],
      take: [],
      seen: { into: later, from: later },
    };
    valueOf(await mergeTwoProfiles(account.admin, merged));
    const { key } = await recipient(numbers[1]!);
    await record(complaint(numbers[1]!));
    expect(await suppressed(key)).toMatchObject([{ reason: 'complaint' }]);
    expect(await consents(ids[0]!)).toEqual([{ type: 'opt-out' }]);
  });

  it('five of few pause a send under way', async () => {
    const { numbers, sendId } = await sent(20, { status: 'sending' });
    await record(...numbers.slice(0, 5).map(complaint));
    expect(await sending.status(sendId)).toMatchObject({
      status: 'paused',
      kind: 'brake',
      reason: expect.stringMatching(/spam/) as string,
    });
  });
});

it('what a provider says of an address without a recipient suppresses it, once for each event', async () => {
  const key = `gone.${Math.random()}@example.com`;
  const said = { ...bounce(0, 'address'), about: { address: key }, id: 'event-1', via: 'webhook' as const };
  expect(await record(said)).toEqual({ bounces: 1, complaints: 0 });
  const [entry] = await suppressed(key);
  valueOf(await liftSuppression(account.admin, { sectionId: sending.sectionId, id: entry!.id, reason: 'Fixed' }));
  expect(await record(said)).toEqual({ bounces: 0, complaints: 0 });
  expect(await suppressed(key)).toEqual([]);
});

it('refusals while sending are bounces too', async () => {
  const { numbers, sendId } = await sent(3);
  await execute(
    pool(),
    sql`
      update recipient set state = 'refused', status = '5.1.1', answer = 'No such user',
        why = case when number = ${numbers[0]} then 'address' when number = ${numbers[1]} then 'policy' else 'full' end
      where section_id = ${sending.sectionId} and send_id = ${sendId}`,
  );
  await noteRefusals();
  await noteRefusals();
  const found = await Promise.all(numbers.map(recipient));
  expect(found.map(({ state, bounce: why }) => `${state} ${why}`)).toEqual([
    'refused address',
    'refused policy',
    'refused full',
  ]);
  expect(await suppressed(found[0]!.key)).toMatchObject([
    { reason: 'hard', evidence: expect.stringMatching(/No such user/) as string },
  ]);
  expect(await suppressed(found[1]!.key)).toEqual([]);
});
