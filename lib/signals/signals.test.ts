// Signals: each change with a listener is in the inbox exactly once, and stays there until it has been handled,
// whatever fails in between.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { changeTags, wantedFor, type Cause } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { hold } from '@/testing/races';
import { mergeProfiles } from '@/testing/segments';
import { acknowledge, consumeSignals, hasSignals, leaseSignals } from './inbox';
import { listen, stopListening } from './listen';
import type { Signal, Subscription } from './schema';

const CONSUMER = 'test';
let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
let profiles: ProfileId[];

beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Signals');
  tagId = await createTestTag(sectionId, 'VIP');
  profiles = await createTestProfiles(sectionId, 3);
});

const consumer = (consumerId = 1) => ({ sectionId, consumer: CONSUMER, consumerId });
const wishes = (...more: Partial<Subscription>[]): Subscription[] =>
  more.map((wish) => ({ topic: 'tag_applied', subjectId: tagId, purpose: 'enrol', starts: true, ...wish }));
const listenFor = (list: Subscription[], consumerId = 1) => transaction((tx) => listen(tx, consumer(consumerId), list));

function change(ids: readonly ProfileId[], apply: boolean, cause: Partial<Cause> = {}, tx?: Tx) {
  const tags = apply ? { apply: [tagId], remove: [] } : { apply: [], remove: [tagId] };
  const wanted = wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, tags);
  const work = (on: Tx) => changeTags(on, { sectionId, source: 'user', userId: null, ...cause }, wanted);
  return tx ? work(tx) : transaction(work);
}

const which = (limit = 100) => ({ limit, now: new Date() });
const consume = (limit?: number) =>
  transaction((tx) => consumeSignals(tx, { sectionId, consumer: CONSUMER }, which(limit)));
const lease = (leaseMs: number, now = new Date()) =>
  leaseSignals(pool(), { sectionId, consumer: CONSUMER }, { limit: 100, now, leaseMs });
const about = (signals: Signal[]) => signals.map(({ profileId }) => profileId);

async function waiting(): Promise<number> {
  const { count } = await one<{ count: number }>(
    pool(),
    sql`select count(*) as count from signal where section_id = ${sectionId}`,
  );
  return count;
}

describe('a change of tags', () => {
  it('is signalled once to each listener, and not if nothing changes', async () => {
    await listenFor(wishes({}, { topic: 'tag_removed', purpose: 'exit', starts: false }));
    await listenFor(wishes({ purpose: 'goal' }), 2);
    await change(profiles.slice(0, 2), true, { hops: 2 });
    await change(profiles.slice(0, 2), true);
    await change([profiles[0]!], false);
    const found = await consume();
    const facts = found.map(({ consumerId, purpose, topic, profileId, hops, subjectId }) => {
      expect(subjectId).toBe(tagId);
      return `${consumerId} ${purpose} ${topic} ${profiles.indexOf(profileId)} ${hops}`;
    });
    expect(facts.sort()).toEqual([
      '1 enrol tag_applied 0 2',
      '1 enrol tag_applied 1 2',
      '1 exit tag_removed 0 0',
      '2 goal tag_applied 0 2',
      '2 goal tag_applied 1 2',
    ]);
    expect(await waiting()).toBe(0);
  });

  it('that must not start flows still signals facts', async () => {
    await listenFor(wishes({}, { purpose: 'exit', starts: false }));
    await change(profiles, true, { startsFlows: false });
    expect((await consume()).map(({ purpose }) => purpose)).toEqual(['exit', 'exit', 'exit']);
  });

  it('is not signalled without a listener: another tag, another section, a former listener', async () => {
    const elsewhere = await createTestSection(account.accountId, 'Elsewhere');
    await transaction((tx) => listen(tx, { ...consumer(), sectionId: elsewhere }, wishes({})));
    await listenFor(wishes({ subjectId: await createTestTag(sectionId, 'Other') }));
    await listenFor(wishes({}), 2);
    await listenFor([], 2);
    await change(profiles, true);
    expect(await waiting()).toBe(0);
  });

  it('that is rolled back leaves no signal', async () => {
    await listenFor(wishes({}));
    const writing = await hold((tx) => change(profiles, true, {}, tx));
    await execute(writing.tx, sql`rollback`);
    writing.tx.release();
    expect(await waiting()).toBe(0);
  });
});

describe('a pending signal', () => {
  beforeEach(async () => {
    await listenFor(wishes({}));
    await change(profiles, true);
  });

  it('goes to one of several concurrent processes, none of which waits', async () => {
    const first = await hold(async (tx) => {
      const taken = await consumeSignals(tx, { sectionId, consumer: CONSUMER }, which(1));
      expect(about(taken)).toEqual([profiles[0]]);
    });
    expect(about(await lease(60_000))).toEqual(profiles.slice(1));
    expect(await consume()).toEqual([]);
    await first.commit();
    expect(await waiting()).toBe(2);
  });

  it('is delivered again after its lease, and deleted once acknowledged', async () => {
    const now = new Date();
    const leased = await lease(1_000, now);
    expect(await lease(1_000, new Date(now.getTime() + 999))).toEqual([]);
    const again = await lease(1_000, new Date(now.getTime() + 1_000));
    expect(again.map(({ id, attempts }) => ({ id, attempts }))).toEqual(leased.map(({ id }) => ({ id, attempts: 2 })));
    await acknowledge(
      pool(),
      sectionId,
      again.map(({ id }) => id),
    );
    expect(await waiting()).toBe(0);
  });

  it('is delivered in pages, after those already handled', async () => {
    const [first, second] = await consume(2);
    const rest = await transaction((tx) =>
      consumeSignals(tx, { sectionId, consumer: CONSUMER }, { ...which(), after: second!.id }),
    );
    expect(about([first!, second!, ...rest])).toEqual(profiles);
  });

  it('is found in the inbox of its consumer, unless it is leased', async () => {
    const found = async (consumerId: number) => {
      const inbox = { sectionId: sql`${sectionId}`, consumer: CONSUMER, consumerId: sql`${consumerId}::int` };
      return (await one<{ found: boolean }>(pool(), sql`select ${hasSignals(inbox, new Date())} as found`)).found;
    };
    expect(await found(consumer().consumerId)).toBe(true);
    expect(await found(consumer().consumerId + 1)).toBe(false);
    await lease(60_000);
    expect(await found(consumer().consumerId)).toBe(false);
  });

  it('of one consumer is read without those of others', async () => {
    await listenFor(wishes({}), 2);
    await change([profiles[0]!], false);
    await change([profiles[0]!], true);
    const own = { sectionId, consumer: CONSUMER, consumerId: 2 };
    const taken = await transaction((tx) => consumeSignals(tx, own, which()));
    expect(taken.every(({ consumerId }) => consumerId === 2)).toBe(true);
    expect(taken.length).toBeGreaterThan(0);
    expect((await consume()).every(({ consumerId }) => consumerId === consumer().consumerId)).toBe(true);
  });

  it('is dropped when its consumer stops, unlike those of others', async () => {
    await listenFor(wishes({}), 2);
    await change([profiles[0]!], false);
    await change([profiles[0]!], true);
    await transaction((tx) => stopListening(tx, consumer()));
    expect((await consume()).map(({ consumerId }) => consumerId)).toEqual([2]);
    await change([profiles[1]!], false);
    await change([profiles[1]!], true);
    expect((await consume()).map(({ consumerId }) => consumerId)).toEqual([2]);
  });

  it('about an erased person is deleted; about a merged profile it moves to the remaining one', async () => {
    const [into, from, erased] = profiles as [ProfileId, ProfileId, ProfileId];
    expect(await eraseProfile(account.admin, { sectionId, profileId: erased })).toMatchObject({ ok: true });
    await mergeProfiles(account, sectionId, { into, from });
    expect(about(await consume())).toEqual([into, into]);
  });

  it.each(['consume', 'lease'] as const)(
    'is not lost when the process is killed between the signal and its effect (%s)',
    async (way) => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', 'testing/hanging-consumer.ts', way, String(sectionId), CONSUMER],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      expect(JSON.parse(line.toString())).toHaveLength(3);
      expect(await consume()).toEqual([]);
      child.kill('SIGKILL');
      await once(child, 'exit');
      if (way === 'consume') {
        await expect.poll(waiting, { timeout: 5_000, interval: 10 }).toBe(3);
        await expect.poll(async () => about(await consume()), { timeout: 5_000, interval: 10 }).toEqual(profiles);
      } else {
        expect(about(await lease(60_000, new Date(Date.now() + 120_000)))).toEqual(profiles);
      }
    },
  );
});
