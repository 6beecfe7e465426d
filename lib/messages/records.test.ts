// What the database is told of mails on their way: in few statements, with a plan that is kept, and while it is away nothing leaves and nothing is lost.
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import type { SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { isCluster } from '@/testing/cluster';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import type { Claimed } from './claim';
import { openSend, type OpenSend } from './progress';
import { Records } from './records';
import { keepResults, markHanding, type Holder, type Result } from './results';
import { settled, unused } from './settle';

let sending: TestSending;
let sendId: SendId;
let send: OpenSend;
let holder: Holder;
let claims: Claimed[];

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sending = await TestSending.open(await createTestAccount(), { port: 1 });
  await sending.people(12);
  sendId = await sending.frozen();
  ({ holder, claims } = await sending.claimed(sendId));
  send = (await openSend(pool(), sending.sectionId, sendId))!;
});
afterEach(() => vi.restoreAllMocks());

/** The database is away. */
const away = () =>
  vi.spyOn(pool(), 'query').mockImplementation((): void => {
    throw new Error('away');
  });

const taken = (claim: Claimed): Result =>
  settled(claim, { kind: 'sent', code: 250, status: '2.0.0', text: 'taken' }, { again: false, now: new Date() });
const greylisted = (claim: Claimed): Result =>
  settled(
    claim,
    { kind: 'deferred', why: 'recipient', code: 451, status: '4.7.1', text: 'later' },
    { again: false, now: new Date() },
  );

/** Statements about recipients that go through the pool. */
function watch(): string[] {
  const seen: string[] = [];
  const query = pool().query.bind(pool()) as (...of: unknown[]) => unknown;
  vi.spyOn(pool(), 'query').mockImplementation((...of: unknown[]) => {
    const [{ text }] = of as [{ text: string }];
    if (text.includes('update recipient')) seen.push(text);
    return query(...of);
  });
  return seen;
}

it('what has come together goes in one statement: results, and mails that are about to leave', async () => {
  const records = new Records(holder);
  const [first, second] = [claims.slice(0, 6), claims.slice(6)];
  const statements = watch();
  expect(await Promise.all(first.map((claim) => records.mayLeave(claim, send)))).toEqual(Array(6).fill(true));
  expect(await sending.states(sendId)).toEqual({ handing: 6, claimed: 6 });
  const [may] = await Promise.all([
    Promise.all(second.map((claim) => records.mayLeave(claim, send))),
    ...first.map((claim) => records.add(taken(claim), sendId)),
  ]);
  expect(may).toEqual(Array(6).fill(true));
  expect(await sending.states(sendId)).toEqual({ sent: 6, handing: 6 });
  expect(statements).toHaveLength(2);
  const { sent } = await one<{ sent: number }>(
    pool(),
    sql`select sum(sent)::int as sent from send_tally where section_id = ${sending.sectionId} and send_id = ${sendId}`,
  );
  expect(sent).toBe(6);
});

it('a mail that is about to leave keeps what was heard of an earlier attempt', async () => {
  const [claim] = claims as [Claimed];
  const of = sql`section_id = ${sending.sectionId} and number = ${claim.number}`;
  await execute(
    pool(),
    sql`update recipient set code = 451, status = '4.7.1', answer = 'later', attempts = 1 where ${of}`,
  );
  expect((await markHanding(holder, { send, claims: [claim] })).size).toBe(1);
  const row = await one<object>(
    pool(),
    sql`
      select state, why, code, status, answer, attempts, lease = ${holder.lease} as own, tried_at is not null as tried,
        ended_at as ended
      from recipient where ${of}`,
  );
  expect(row).toEqual({
    ...{ state: 'handing', why: null, code: 451, status: '4.7.1', answer: 'later', attempts: 1 },
    ...{ own: true, tried: true, ended: null },
  });
  // A second time it does not leave.
  expect((await markHanding(holder, { send, claims: [claim] })).size).toBe(0);
});

it('what is to wait again, and what ends, come together and are both written', async () => {
  const records = new Records(holder);
  const [sent, later, back, next] = claims as [Claimed, Claimed, Claimed, Claimed];
  await Promise.all([sent, later].map((claim) => records.mayLeave(claim, send)));
  const [may] = await Promise.all([
    records.mayLeave(next, send),
    records.add(taken(sent), sendId),
    records.add(greylisted(later), sendId),
    records.add(unused(back, new Date())),
  ]);
  expect(may).toBe(true);
  expect(await sending.states(sendId)).toEqual({ sent: 1, waiting: 2, handing: 1, claimed: claims.length - 4 });
});

it('while the database is away no mail may leave, and each result is written when it is back', async () => {
  const records = new Records(holder);
  const [first, second] = claims as [Claimed, Claimed];
  await records.mayLeave(first, send);
  const gone = away();
  const written = records.add(taken(first), sendId);
  await expect(records.mayLeave(second, send)).rejects.toThrow('away');
  gone.mockRestore();
  await written;
  expect(await sending.states(sendId)).toEqual({ sent: 1, claimed: claims.length - 1 });
});

it('whoever stops meanwhile does not wait for ever', async () => {
  const records = new Records(holder);
  const [first] = claims as [Claimed];
  await records.mayLeave(first, send);
  away();
  void records.add(taken(first), sendId);
  await records.flush(100);
  vi.restoreAllMocks();
  expect(await sending.states(sendId)).toMatchObject({ handing: 1 });
});

it.skipIf(isCluster(inject('nodes')))('the plan of the statement is kept, however few it is about', async () => {
  for (const claim of claims) {
    await markHanding(holder, { send, claims: [claim] });
    await keepResults(holder, [taken(claim)]);
  }
  const { kept, made } = await one<{ kept: number; made: number }>(
    pool(),
    sql`
      select max(generic_plans)::int as kept, max(custom_plans)::int as made from pg_prepared_statements
      where statement like '%update recipient set%handing%'`,
  );
  expect(kept).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(5);
});
