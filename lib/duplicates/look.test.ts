// Possible duplicates: what a look finds, what is remembered about it, and what becomes of it when profiles change.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientActor } from '@/lib/access/actor';
import { cancelOperation, retryOperation } from '@/lib/activity/commands';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { getOperation } from '@/lib/activity/queries';
import { createAttribute } from '@/lib/attributes/commands';
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { deleteProfiles } from '@/lib/profiles/change';
import { updateProfile } from '@/lib/profiles/commands';
import { getProfile } from '@/lib/profiles/queries';
import type { OperationStep } from '@/lib/work/kind';
import { runOperation } from '@/lib/work/run';
import { addPeople } from '@/testing/duplicates';
import { createTestAccount, createTestSection, runToEnd, withStep, type TestAccount } from '@/testing/fixtures';
import { untilWaiting } from '@/testing/races';
import { valueOf } from '@/testing/segments';
import { dismissPair, restorePair } from './decisions';
import { findDuplicatesKind, lookForDuplicates } from './look';
import { lookAgainWhereChanged } from './nightly';
import { readDuplicates, readDuplicatesOf, readDuplicatesStatus } from './reads';
import type { DuplicatePair, PairPage, PairPlace, Reason } from './schema';

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Duplicates');
});

const start = async () => valueOf(await lookForDuplicates(account.admin, { sectionId })).operationId;
async function look(): Promise<Record<string, number>> {
  return runToEnd(sectionId, await start());
}
/** Divides the work of a look that has not begun into several steps. */
const divide = (operationId: OperationId, parts: number) =>
  execute(
    pool(),
    sql`update operation set input = jsonb_set(input, '{parts}', to_jsonb(${parts}::int))
        where section_id = ${sectionId} and id = ${operationId}`,
  );

const list = async (more: { dismissed?: boolean; reason?: Reason } = {}) =>
  valueOf(await readDuplicates(account.admin, { sectionId, ...more })).pairs;
const status = async () => valueOf(await readDuplicatesStatus(account.admin, { sectionId }));
const found = async () => (await list()).map(asIds);
const asIds = ({ first, second, matches }: DuplicatePair) => [
  [first.id, second.id],
  matches.map(({ reason }) => reason),
];
const decide = (first: ProfileId, second: ProfileId) => dismissPair(account.admin, { sectionId, first, second });

async function merge(into: ProfileId, from: ProfileId): Promise<void> {
  const seenAt = async (id: ProfileId) => (await getProfile(pool(), sectionId, id))!.updatedAt;
  const seen = { into: await seenAt(into), from: await seenAt(from) };
  valueOf(await mergeTwoProfiles(account.admin, { sectionId, into, from, take: [], seen }));
}

const KARIN = { firstname: 'Karin', lastname: 'Holm', birthdate: '1980-02-01' };

describe('a look', () => {
  it('finds pairs by each reason, the most certain first, with the values in which they agree', async () => {
    const { code } = valueOf(await createAttribute(account.admin, { sectionId, name: 'Work phone', type: 'text' }));
    const ids = await addPeople(sectionId, [
      { ...KARIN, email: 'karin.holm@gmail.com', mobile: '46701234567' },
      { ...KARIN, firstname: 'KARIN', email: 'karinholm+news@googlemail.com' },
      { firstname: 'Per', [code]: '070-123 45 67' },
      { firstname: 'Åke', lastname: 'Ek', birthdate: '1999-09-09', email: 'ake@example.com' },
      { firstname: 'åke ', lastname: 'EK', birthdate: '1999-09-09', email: 'a.ke@example.com' },
      { firstname: 'Åke', lastname: 'Ek', birthdate: '1999-09-10' },
    ]);
    expect(await look()).toEqual({ profiles: 6, email: 4, name: 5, phone: 2, pairs: 3, crowds: 0 });
    const pairs = await list();
    expect(pairs.map(asIds)).toEqual([
      [ids.slice(0, 2), ['email', 'name']],
      [ids.slice(3, 5), ['name']],
      [[ids[0], ids[2]], ['phone']],
    ]);
    expect(pairs[0]!.matches[0]).toEqual({
      reason: 'email',
      first: { code: 'email', text: 'karin.holm@gmail.com' },
      second: { code: 'email', text: 'karinholm+news@googlemail.com' },
    });
    expect(pairs[2]!.matches).toEqual([
      { reason: 'phone', first: { code: 'mobile', text: '46701234567' }, second: { code, text: '070-123 45 67' } },
    ]);
    expect((await list({ reason: 'name' })).map(asIds)).toEqual((await found()).slice(0, 2));
    expect(await status()).toMatchObject({
      open: 3,
      dismissed: 0,
      unfinished: null,
      callingCode: '46',
      compared: { email: 4, name: 5, phone: 2 },
    });
    const ofKarin = valueOf(await readDuplicatesOf(account.marketer, { sectionId: account.sectionId, profileId: 1 }));
    expect(ofKarin).toEqual([]);
    const own = valueOf(await readDuplicatesOf(account.admin, { sectionId, profileId: ids[0]! }));
    expect(own.map(asIds)).toEqual([
      [ids.slice(0, 2), ['email', 'name']],
      [[ids[0], ids[2]], ['phone']],
    ]);
  });

  it('finds the pairs that a plain comparison finds, in any number of steps', async () => {
    const person = fc.record(
      {
        firstname: fc.constantFrom('Anna', 'anna', 'Eva'),
        lastname: fc.constantFrom('Berg', 'BERG'),
        birthdate: fc.constantFrom('1980-01-01', '1980-01-02'),
        email: fc.constantFrom('a.b@gmail.com', 'ab+x@gmail.com', 'a.b@x.se', 'ab@x.se', 'ab+y@x.se', 'c@x.se'),
        mobile: fc.constantFrom('46701234567', '46701234568', '46701234569'),
      },
      { requiredKeys: [] },
    );
    type Person = Partial<Record<'firstname' | 'lastname' | 'birthdate' | 'email' | 'mobile', string>>;
    const spellingsOf = (given: Person) => ({
      email: given.email?.replace(/\+.*@/, '@').replace('a.b@gmail', 'ab@gmail'),
      name:
        given.firstname && given.lastname && given.birthdate
          ? `${given.firstname} ${given.lastname} ${given.birthdate}`.toLowerCase()
          : undefined,
      phone: given.mobile,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { minLength: 2, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        async (people, parts) => {
          sectionId = await createTestSection(account.accountId, randomUUID());
          const ids = await addPeople(sectionId, people);
          const spellings = people.map(spellingsOf);
          const expected = ids.flatMap((first, left) =>
            ids.slice(left + 1).flatMap((second, offset) => {
              const [one, other] = [spellings[left]!, spellings[left + 1 + offset]!];
              const reasons = (['email', 'name', 'phone'] as const).filter(
                (reason) => one[reason] !== undefined && one[reason] === other[reason],
              );
              return reasons.length > 0 ? [JSON.stringify([[first, second], reasons])] : [];
            }),
          );
          const operationId = await start();
          await divide(operationId, parts);
          await runToEnd(sectionId, operationId);
          const pairs = [];
          let after: PairPlace | null = null;
          do {
            const page: PairPage = valueOf(await readDuplicates(account.admin, { sectionId, after }));
            pairs.push(...page.pairs.map((pair) => JSON.stringify(asIds(pair))));
            after = page.next;
          } while (after !== null);
          expect(pairs.toSorted()).toEqual(expected.toSorted());
          expect((await status()).open).toBe(expected.length);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('lists ten people with one value as pairs, and eleven as a number of people', async () => {
    const ten = await addPeople(
      sectionId,
      Array.from({ length: 10 }, () => ({ mobile: '46701234567' })),
    );
    await look();
    expect((await status()).open).toBe(45);
    const first = valueOf(await readDuplicates(account.admin, { sectionId }));
    const second = valueOf(await readDuplicates(account.admin, { sectionId, after: first.next }));
    const third = valueOf(await readDuplicates(account.admin, { sectionId, after: second.next }));
    expect([first, second, third].map(({ pairs }) => pairs.length)).toEqual([20, 20, 5]);
    expect(third.next).toBeNull();
    const all = [first, second, third].flatMap(({ pairs }) => pairs.map((pair) => String(asIds(pair)[0])));
    expect(new Set(all).size).toBe(45);
    await addPeople(sectionId, [{ firstname: 'Eleventh', mobile: '46701234567' }]);
    expect(await look()).toMatchObject({ pairs: 0, crowds: 1 });
    expect(await found()).toEqual([]);
    expect((await status()).crowds).toEqual([
      { reason: 'phone', people: 11, profileId: ten[0], name: `Profile ${ten[0]}`, shared: '46701234567' },
    ]);
  });

  it('is of one section', async () => {
    const first = sectionId;
    const [mine] = await addPeople(first, [KARIN]);
    const second = await createTestSection(account.accountId, 'Second');
    const theirs = await addPeople(second, [KARIN, KARIN]);
    await look();
    expect(await found()).toEqual([]);
    sectionId = second;
    await look();
    expect(await found()).toEqual([[theirs, ['name']]]);
    const elsewhere = { sectionId: first, first: theirs[0], second: theirs[1] };
    expect(await dismissPair(account.admin, elsewhere)).toMatchObject({ refusal: { code: 'not_found' } });
    expect(valueOf(await readDuplicatesOf(account.admin, { sectionId: first, profileId: mine! }))).toEqual([]);
    sectionId = first;
    await look();
    expect((await status()).open).toBe(0);
    sectionId = second;
    expect((await status()).open).toBe(1);
  });

  it('does not start while another is running', async () => {
    const operationId = await start();
    const both = await Promise.all([1, 2].map(() => lookForDuplicates(account.admin, { sectionId })));
    expect(both.map(valueOf)).toEqual([
      { operationId, started: false },
      { operationId, started: false },
    ]);
    await runToEnd(sectionId, operationId);
    expect(await start()).not.toBe(operationId);
  });

  it('is for people who may work in the section, and for API keys only to read', async () => {
    const [first, second] = await addPeople(sectionId, [KARIN, KARIN]);
    await look();
    const pair = { sectionId, first, second };
    // The marketer has access to another section only.
    for (const refused of [
      await lookForDuplicates(account.marketer, { sectionId }),
      await dismissPair(account.marketer, pair),
      await restorePair(account.marketer, pair),
      await readDuplicates(account.marketer, { sectionId }),
      await readDuplicatesStatus(account.marketer, { sectionId }),
    ]) {
      expect(refused).toMatchObject({ ok: false });
    }
    const reader: ClientActor = {
      kind: 'client',
      name: 'Reader',
      apiKeyId: 1 as ClientActor['apiKeyId'],
      accountId: account.accountId,
      sections: 'all',
      keyspaces: 'all',
      canWrite: false,
      from: { ip: null, userAgent: null },
    };
    for (const refused of [await lookForDuplicates(reader, { sectionId }), await dismissPair(reader, pair)])
      expect(refused).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    expect(await found()).toEqual([[[first, second], ['name']]]);
  });
});

describe('a decision', () => {
  it('is remembered by later looks, with who made it, until it is taken back', async () => {
    const [first, second] = (await addPeople(sectionId, [KARIN, KARIN])) as [ProfileId, ProfileId];
    await look();
    valueOf(await decide(second, first));
    expect(await found()).toEqual([]);
    expect(await list({ dismissed: true })).toMatchObject([
      { first: { id: first }, second: { id: second }, dismissed: { by: 'Test admin' } },
    ]);
    await look();
    expect([await found(), (await status()).dismissed]).toEqual([[], 1]);
    valueOf(await restorePair(account.admin, { sectionId, first, second }));
    expect(await found()).toEqual([[[first, second], ['name']]]);
    expect(await list({ dismissed: true })).toEqual([]);
  });

  it('survives that the two have nothing in common for a time', async () => {
    const [first, second] = (await addPeople(sectionId, [KARIN, KARIN])) as [ProfileId, ProfileId];
    await look();
    valueOf(await decide(first, second));
    await change(second, { birthdate: '1980-02-02' });
    await look();
    expect(await list({ dismissed: true })).toMatchObject([{ matches: [] }]);
    await change(second, { birthdate: KARIN.birthdate });
    await look();
    expect(await found()).toEqual([]);
  });

  it('is refused about a pair that is not listed', async () => {
    const [first, second] = (await addPeople(sectionId, [KARIN, KARIN])) as [ProfileId, ProfileId];
    expect(await decide(first, second)).toMatchObject({ refusal: { code: 'not_found' } });
    await look();
    await merge(first, second);
    expect(await decide(first, second)).toMatchObject({
      refusal: { code: 'not_found', message: expect.stringContaining('no longer listed') as string },
    });
  });
});

async function change(profileId: ProfileId, attributes: Record<string, string>): Promise<void> {
  await execute(
    pool(),
    sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
        values (${sectionId}, ${account.keyspaces.crm_id}, ${`C-${profileId}`}, ${profileId}) on conflict do nothing`,
  );
  valueOf(await updateProfile(account.admin, { sectionId, profileId, keys: [], attributes }));
}

describe('a pair whose profiles change', () => {
  it('vanishes at once when one is merged, erased, deleted or changed', async () => {
    const twice = (firstname: string) => [1, 2].map(() => ({ ...KARIN, firstname }));
    const ids = await addPeople(sectionId, ['Merged', 'Erased', 'Deleted', 'Changed', 'Kept'].flatMap(twice));
    const [merged, erased, deleted, changed, kept] = [0, 2, 4, 6, 8].map((index) => ids.slice(index, index + 2));
    await look();
    expect((await found()).map(([pair]) => pair)).toEqual([kept, changed, deleted, erased, merged]);
    await merge(merged![0]!, merged![1]!);
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: erased![0] }));
    // As the undo of an import does.
    await transaction((tx) => deleteProfiles(tx, sectionId, sql`select ${deleted![1]}::bigint as profile_id`));
    await change(changed![1]!, { lastname: 'Ek' });
    expect(await found()).toEqual([[kept, ['name']]]);
    expect(valueOf(await readDuplicatesOf(account.admin, { sectionId, profileId: changed![0]! }))).toEqual([]);
    const left = await rows(
      pool(),
      sql`select from duplicate_pair
          where section_id = ${sectionId} and second_profile_id = any(${[merged![1], erased![1]]}::bigint[])`,
    );
    expect(left).toEqual([]);
    await look();
    expect((await status()).open).toBe(1);
    await execute(pool(), sql`delete from profile_key where section_id = ${sectionId}`);
  });

  it('follows a merge: who is not the same person as one of the two is not the other one either', async () => {
    const [first, second, third, fourth] = (await addPeople(sectionId, [KARIN, KARIN, KARIN, KARIN])) as [
      ProfileId,
      ProfileId,
      ProfileId,
      ProfileId,
    ];
    await look();
    valueOf(await decide(second, third));
    valueOf(await decide(first, second));
    await merge(first, second);
    expect((await found()).map(([pair]) => pair)).toEqual([
      [third, fourth],
      [first, fourth],
    ]);
    expect((await list({ dismissed: true })).map((pair) => asIds(pair)[0])).toEqual([[first, third]]);
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: third }));
    expect(await status()).toMatchObject({ open: 1, dismissed: 0 });
  });

  it('is passed over where a page would begin with it', async () => {
    const people = Array.from({ length: 60 }, (_, index) => ({ ...KARIN, firstname: `Karin ${index >> 1}` }));
    const ids = await addPeople(sectionId, people);
    await look();
    await execute(
      pool(),
      sql`update profile set attributes = attributes - 'birthdate'
          where section_id = ${sectionId} and id > ${ids[9]}`,
    );
    const page = valueOf(await readDuplicates(account.admin, { sectionId }));
    expect(page.pairs.map(({ first }) => first.id)).toEqual([8, 6, 4, 2, 0].map((index) => ids[index]));
    expect(page.next).toBeNull();
  });
});

it('each night a look starts where somebody has looked before and a profile has changed since', async () => {
  const never = sectionId;
  await addPeople(never, [KARIN, KARIN]);
  const unchanged = await createTestSection(account.accountId, 'Unchanged');
  sectionId = unchanged;
  await look();
  const changed = await createTestSection(account.accountId, 'Changed');
  sectionId = changed;
  await look();
  await addPeople(changed, [KARIN, KARIN]);
  await lookAgainWhereChanged();
  await lookAgainWhereChanged();
  const started = await rows<{ sectionId: SectionId; id: OperationId; userId: number | null }>(
    pool(),
    sql`
      select section_id as "sectionId", id, user_id as "userId" from operation
      where section_id = any(${[never, unchanged, changed]}::int[]) and status = 'queued'`,
  );
  expect(started).toEqual([{ sectionId: changed, id: expect.any(Number) as number, userId: null }]);
  await runToEnd(changed, started[0]!.id);
  expect((await status()).open).toBe(1);
});

describe('a look that is interrupted', () => {
  const only = (step: OperationStep) => [withStep(findDuplicatesKind, async (tx, operation) => step(tx, operation))];
  const own: OperationStep = (tx, operation) => findDuplicatesKind.open().step(tx, operation);
  const people = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].flatMap((letter) =>
    [1, 2].map(() => ({ ...KARIN, firstname: letter })),
  );

  it('by a process that dies is continued by another', async () => {
    await addPeople(sectionId, people);
    const operationId = await start();
    await divide(operationId, 3);
    let steps = 0;
    const dying: OperationStep = async (tx, operation) => {
      const result = await own(tx, operation);
      if (++steps === 2) throw new Error('the connection was cut');
      return result;
    };
    await runOperation(only(dying), sectionId, operationId, { runner: 'first' });
    expect((await status()).unfinished).toBe(operationId);
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    await runOperation(OPERATION_KINDS, sectionId, operationId, { runner: 'second' });
    expect((await getOperation(pool(), sectionId, operationId))?.counts).toEqual({
      profiles: 16,
      email: 0,
      name: 16,
      phone: 0,
      pairs: 8,
      crowds: 0,
    });
    expect(await status()).toMatchObject({ open: 8, unfinished: null });
  });

  it('by somebody keeps what the last one found and adds what this one has found; the next one completes it', async () => {
    const [gone] = await addPeople(sectionId, [KARIN, KARIN]);
    await look();
    const { lookedAt } = await status();
    await addPeople(sectionId, people);
    await execute(pool(), sql`update profile set attributes = '{}' where section_id = ${sectionId} and id = ${gone}`);
    const operationId = await start();
    await divide(operationId, 3);
    let cancelling: Promise<unknown> | undefined;
    const cancelled: OperationStep = async (tx, operation) => {
      const result = await own(tx, operation);
      cancelling ??= cancelOperation(account.admin, { sectionId, operationId });
      await untilWaiting();
      return result;
    };
    await runOperation(only(cancelled), sectionId, operationId, { runner: 'a' });
    expect(await cancelling).toMatchObject({ ok: true });
    expect(await status()).toMatchObject({ lookedAt, unfinished: operationId });
    expect((await getOperation(pool(), sectionId, operationId))?.status).toBe('cancelled');
    expect((await found()).length).toBeLessThan(8);
    await look();
    expect((await found()).length).toBe(8);
    expect(await status()).toMatchObject({ open: 8, unfinished: null });
  });

  it('and failed is not tried again after a newer one', async () => {
    const failed = await start();
    await execute(pool(), sql`update operation set status = 'failed' where id = ${failed}`);
    await look();
    expect(await retryOperation(account.admin, { sectionId, operationId: failed })).toMatchObject({
      refusal: { code: 'conflict', message: expect.stringContaining('newer look') as string },
    });
  });
});
