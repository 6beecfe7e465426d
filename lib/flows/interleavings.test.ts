// Two processes that move people, one that sends, people who tag and one who erases, statement by statement in the order of a seed: whatever the order, each
// comes through once, nobody gets a mail after the exit tag was committed, and nobody has to be freed from a deadlock.
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { sendMails } from '@/lib/messages/deliver';
import { eraseProfile } from '@/lib/people/erase';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectCountsToFit, historyOf, publishTestFlow, runOf } from '@/testing/flows';
import { Interleaver } from '@/testing/interleaver';
import { itOnOneServer } from '@/testing/one-server';
import { messageIds, TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { tick } from './tick';

/** More of them: `TAGWELL_TEST_INTERLEAVINGS=200`. */
const RUNS = Number(process.env.TAGWELL_TEST_INTERLEAVINGS ?? 2);

let account: TestAccount;
let sending: TestSending;
let sink: Sink;
let watcher: pg.Client;
let tags: { trigger: TagId; stop: TagId; first: TagId; done: TagId };

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  watcher = new pg.Client(process.env.DATABASE_URL);
  await watcher.connect();
});
afterAll(() => watcher.end());
beforeEach(async () => {
  sink = await startSink({});
  return () => sink.close();
});

async function open(): Promise<void> {
  account = await createTestAccount();
  sending = await TestSending.open(account, { port: sink.port, connections: 2 });
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), stop: await tag('Stop'), first: await tag('First'), done: await tag('Done') };
  sink.heard.mails.length = 0;
}

/** Of those who are still there. */
const change = (ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  transaction((tx) => {
    const people = sql`
      select id as profile_id from profile where section_id = ${account.sectionId} and id = any(${ids}::bigint[])`;
    const cause = { sectionId: account.sectionId, source: 'user' as const, userId: null };
    return changeTags(tx, cause, wantedFor(people, { apply, remove }));
  }, RACE_CODES);
const send = (slot: number) =>
  sendMails(
    { sectionId: account.sectionId, senderId: sending.senderId, slot },
    { replyMs: 2_000, resetMs: 500, turnMs: 20_000 },
  );

/** Of those whose message is on its way, or has left. */
async function onTheirWay(ids: readonly ProfileId[]): Promise<Set<ProfileId>> {
  const found = await rows<{ id: ProfileId }>(
    pool(),
    sql`
      select profile_id as id from recipient
      where section_id = ${account.sectionId} and profile_id = any(${ids}::bigint[]) and state in ('handing', 'sent')`,
  );
  return new Set(found.map(({ id }) => id));
}

/** The address of each person, as it is in the mails to them. */
async function mailsTo(id: ProfileId): Promise<number> {
  const [{ key } = { key: '' }] = await rows<{ key: string }>(
    pool(),
    sql`select key from profile_key where section_id = ${account.sectionId} and profile_id = ${id}`,
  );
  return sink.heard.mails.filter((mail) => mail.includes(`To: ${key}`)).length;
}

async function inOrderOf(seed: number): Promise<void> {
  await open();
  const people = await sending.people(6);
  const [, exiting, , , late, erased] = people as [ProfileId, ProfileId, ProfileId, ProfileId, ProfileId, ProfileId];
  const messageId = await sending.message();
  const flowId = await publishTestFlow(
    account,
    {
      trigger: { kind: 'tag_applied', tagId: tags.trigger },
      steps: [
        { id: 'first', kind: 'tags', apply: [tags.first] },
        { id: 'mail', kind: 'email', messageId },
        { id: 'done', kind: 'tags', apply: [tags.done] },
      ],
    },
    { exitTagId: tags.stop },
  );
  const mayHave = new Set<ProfileId>();
  const exit = async (id: ProfileId) => {
    await change([id], [tags.stop]);
    for (const one of await Interleaver.aside(() => onTheirWay([id]))) mayHave.add(one);
  };
  const turns = async (size: number) => {
    for (let turn = 0; turn < 3; turn++) await tick({ size });
  };
  const order = new Interleaver(seed);
  await order.run(
    {
      'ticker of two': () => turns(2),
      'ticker of all': () => turns(5_000),
      sender: async () => {
        await send(0);
        await send(1);
      },
      door: async () => {
        await change(people.slice(0, 3), [tags.trigger]);
        await exit(exiting);
        await change([...people].reverse(), [tags.trigger], [tags.first]);
      },
      'other door': async () => {
        await change(people.slice(2).reverse(), [tags.trigger, tags.first], [tags.done]);
        await exit(late);
      },
      eraser: () => eraseProfile(account.admin, { sectionId: account.sectionId, profileId: erased }),
    },
    watcher,
  );
  for (let again = 0; again < 6; again++) {
    await tick({ now: new Date(Date.now() + again * 600_000) });
    await Promise.all([send(0), send(1)]);
  }
  expect(order.statements).toBeGreaterThan(60);
  expect(order.deadlocks).toEqual([]);
  const all = ['entered', 'first passed', 'mail passed', 'done passed', 'left done'];
  const ids = messageIds(sink.heard.mails);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of people.slice(0, 5)) {
    const history = await historyOf(account.sectionId, flowId, id);
    const hasLeft = id === exiting || id === late;
    if (!hasLeft) {
      expect(history).toEqual(all);
      expect(await mailsTo(id)).toBe(1);
      continue;
    }
    expect(await mailsTo(id)).toBeLessThanOrEqual(mayHave.has(id) ? 1 : 0);
    const steps = history.filter((line) => !line.includes('left'));
    expect(all.slice(0, steps.length)).toEqual(steps);
    expect((await runOf(account.sectionId, flowId, id))?.dueAt ?? null).toBeNull();
  }
  expect(await runOf(account.sectionId, flowId, erased)).toBeUndefined();
  await expectCountsToFit(account.sectionId, flowId);
}

itOnOneServer(
  'asks one server who waits for whom',
  'in any order of statements each comes through once, and nobody gets a mail after the exit tag (cases 4, 95, 96 and 163)',
  () => fc.assert(fc.asyncProperty(fc.integer(), inOrderOf), { numRuns: RUNS }),
);
