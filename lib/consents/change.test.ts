// The door for consents: what it sets, records, signals and never loosens; and what follows the profiles.
import { beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@/lib/signals/listen';
import { consumeSignals } from '@/lib/signals/inbox';
import type { OperationId, ProfileId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, join, one, rows, sql, type Sql } from '@/lib/db/sql';
import { valueOf } from '@/lib/access/refusal';
import { undoOperation } from '@/lib/activity/commands';
import { undoPreview } from '@/lib/activity/undo-preview';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { profileTimeline } from '@/lib/people/timeline';
import { getProfile } from '@/lib/profiles/queries';
import { createTestAccount, createTestProfiles, runToEnd, type TestAccount } from '@/testing/fixtures';
import { setTopicHidden } from '@/lib/used-in/topics';
import { changeConsents, revertConsentChange, type ConsentCause, type Replaces } from './change';
import type { ConsentType } from './schema';
import { createTopic, deleteTopic, updateTopic } from './topics';

let account: TestAccount;
let topicId: TopicId;
let other: TopicId;

beforeAll(async () => {
  account = await createTestAccount();
  const make = async (name: string) =>
    valueOf(await createTopic(account.admin, { sectionId: account.sectionId, name })).id;
  [topicId, other] = [await make('News'), await make('Offers')];
});

type Given = { id: ProfileId; type: ConsentType | null; topic?: TopicId; channel?: string; source?: string };

const wanted = (given: readonly Given[]): Sql =>
  join(
    given.map(
      ({ id, type, topic = topicId, channel = 'email', source = 'form Newsletter' }) => sql`
        select ${id}::bigint as profile_id, ${topic}::int as topic_id, ${channel}::text as channel, ${type}::text as type,
          'asked'::text as reason, ${source}::text as source, 'Yes, send me news'::text as wording, 'link'::text as proof`,
    ),
    '\nunion all\n',
  );

const byHand = (): ConsentCause => ({
  sectionId: account.sectionId,
  source: 'user',
  userId: account.marketer.userId,
});

const change = (given: readonly Given[], more: { cause?: ConsentCause; replaces?: Replaces } = {}) =>
  transaction((tx) => changeConsents(tx, more.cause ?? byHand(), wanted(given), { replaces: more.replaces }));

const consentsOf = (id: ProfileId) =>
  rows<{ topic: TopicId; channel: string; type: ConsentType; source: string }>(
    pool(),
    sql`
      select topic_id as topic, channel, type, source from consent
      where section_id = ${account.sectionId} and profile_id = ${id} order by topic_id, channel`,
  );

const historyOf = (id: ProfileId) =>
  rows<{ id: number; before: string | null; after: string | null; wording: string; proof: string; source: number }>(
    pool(),
    sql`
      select id, before, after, wording, proof, source from consent_change
      where section_id = ${account.sectionId} and profile_id = ${id} order by id`,
  );

describe('the door', () => {
  it('sets what differs and records before, after and the evidence', async () => {
    const [ann, bo] = (await createTestProfiles(account.sectionId, 2)) as [ProfileId, ProfileId];
    await change([{ id: ann, type: 'pending-opt-in' }]);
    const given: Given[] = [
      { id: ann, type: 'confirmed-opt-in' },
      { id: bo, type: 'opt-out', channel: 'sms' },
      { id: 999_999_999 as ProfileId, type: 'opt-in' },
    ];
    expect(await change(given)).toEqual({ changed: 2, added: 1, people: 2, optedOut: 0, repeated: 0 });
    expect(await change(given)).toEqual({ changed: 0, added: 0, people: 0, optedOut: 0, repeated: 0 });
    expect(await consentsOf(bo)).toEqual([
      { topic: topicId, channel: 'sms', type: 'opt-out', source: 'form Newsletter' },
    ]);
    expect(await historyOf(ann)).toMatchObject([
      { before: null, after: 'pending-opt-in' },
      { before: 'pending-opt-in', after: 'confirmed-opt-in', wording: 'Yes, send me news', proof: 'link' },
    ]);
  });

  it('signals listeners of the topic, each person once', async () => {
    const [ann] = (await createTestProfiles(account.sectionId, 1)) as [ProfileId];
    const consumer = { sectionId: account.sectionId, consumer: 'test', consumerId: 7 };
    await transaction((tx) =>
      listen(tx, consumer, [{ topic: 'consent_changed', subjectId: other, purpose: 'look', starts: true }]),
    );
    await change([
      { id: ann, type: 'opt-in', topic: other },
      { id: ann, type: 'opt-in', topic: other, channel: 'sms' },
      { id: ann, type: 'opt-in' },
    ]);
    const signals = await transaction((tx) =>
      consumeSignals(tx, consumer, { limit: 10, now: new Date(Date.now() + 1_000) }),
    );
    expect(signals).toMatchObject([{ topic: 'consent_changed', subjectId: other, profileId: ann }]);
  });

  it('never loosens an opt-out or a confirmation where it is asked not to', async () => {
    const ids = await createTestProfiles(account.sectionId, 5);
    const [none, pending, out, confirmed, plain] = ids as [ProfileId, ProfileId, ProfileId, ProfileId, ProfileId];
    await change([
      { id: pending, type: 'pending-opt-in' },
      { id: out, type: 'opt-out' },
      { id: confirmed, type: 'confirmed-opt-in' },
      { id: plain, type: 'opt-in' },
    ]);
    const all = ids.map((id): Given => ({ id, type: 'opt-in' }));
    const types = async () => (await Promise.all(ids.map(consentsOf))).map(([consent]) => consent?.type);
    expect(await change(all, { replaces: 'not-weaken' })).toMatchObject({ changed: 2, added: 1, optedOut: 1 });
    expect(await types()).toEqual(['opt-in', 'opt-in', 'opt-out', 'confirmed-opt-in', 'opt-in']);
    expect(await change(all, { replaces: 'not-unconfirm' })).toMatchObject({ changed: 1 });
    expect(await types()).toEqual(['opt-in', 'opt-in', 'opt-in', 'confirmed-opt-in', 'opt-in']);
    const outs = ids.map((id): Given => ({ id, type: 'opt-out' }));
    expect(await change(outs, { replaces: 'not-weaken' })).toMatchObject({ changed: 5 });
    expect((await historyOf(none)).map(({ after }) => after)).toEqual(['opt-in', 'opt-out']);
  });

  it('of two writers at once, the second compares with what the first wrote', async () => {
    const [ann] = (await createTestProfiles(account.sectionId, 1)) as [ProfileId];
    await Promise.all([
      ...Array.from({ length: 4 }, () => change([{ id: ann, type: 'opt-in' }])),
      change([{ id: ann, type: 'opt-out' }]),
    ]);
    const history = await historyOf(ann);
    // Each change begins where the one before ended.
    for (const [index, { before }] of history.entries()) expect(before).toBe(history[index - 1]?.after ?? null);
  });

  it('has a history that only forgets who it was', async () => {
    const [ann] = (await createTestProfiles(account.sectionId, 1)) as [ProfileId];
    await change([{ id: ann, type: 'opt-in' }]);
    for (const statement of [
      sql`update consent_change set after = 'opt-out' where section_id = ${account.sectionId} and profile_id = ${ann}`,
      sql`update consent_change set profile_id = null where section_id = ${account.sectionId} and profile_id = ${ann}`,
      sql`delete from consent_change where section_id = ${account.sectionId} and profile_id = ${ann}`,
    ])
      await expect(execute(pool(), statement)).rejects.toThrow('append-only');
  });
});

describe('what follows a profile', () => {
  it('takes a change by hand back with its evidence and date, unless somebody has changed it since', async () => {
    const [ann] = (await createTestProfiles(account.sectionId, 1)) as [ProfileId];
    await change([{ id: ann, type: 'opt-in', source: 'form Newsletter' }]);
    await execute(
      pool(),
      sql`update consent set modified_at = '2026-05-03' where section_id = ${account.sectionId} and profile_id = ${ann}`,
    );
    await change([{ id: ann, type: 'opt-out', source: 'by phone' }]);
    const undo = async () => {
      const { id } = (await historyOf(ann)).at(-1)!;
      return transaction((tx) => revertConsentChange(tx, { ...byHand(), source: 'undo' }, id));
    };
    const last = (await historyOf(ann)).at(-1)!;
    expect(await undo()).toBe(ann);
    expect(await consentsOf(ann)).toMatchObject([{ type: 'opt-in', source: 'form Newsletter' }]);
    expect(
      await transaction((tx) => revertConsentChange(tx, { ...byHand(), source: 'undo' }, last.id)),
    ).toBeUndefined();
    const { items } = await profileTimeline(pool(), account.sectionId, ann, { only: 'consents' });
    expect(items).toMatchObject([
      { about: 'News', what: 'by email: opted out', undone: { by: 'Test user' } },
      { what: 'by email: opted in', undone: null, from: 'By hand by Test user' },
    ]);
  });

  it('merges to the strictest, keeps its evidence over two merges, and shows the history of all', async () => {
    const [a, b, c] = (await createTestProfiles(account.sectionId, 3)) as [ProfileId, ProfileId, ProfileId];
    await change([{ id: c, type: 'opt-out', source: 'by phone' }]);
    await change([{ id: b, type: 'opt-in' }]);
    await change([{ id: a, type: 'confirmed-opt-in', channel: 'sms' }]);
    const { sectionId } = account;
    for (const [into, from] of [
      [b, c],
      [a, b],
    ] as const) {
      const seen = {
        into: (await getProfile(pool(), sectionId, into))!.updatedAt,
        from: (await getProfile(pool(), sectionId, from))!.updatedAt,
      };
      valueOf(await mergeTwoProfiles(account.marketer, { sectionId, into, from, take: [], seen }));
    }
    expect(await consentsOf(a)).toMatchObject([
      { channel: 'email', type: 'opt-out', source: 'by phone' },
      { channel: 'sms', type: 'confirmed-opt-in' },
    ]);
    expect((await historyOf(a)).at(-1)).toMatchObject({ after: 'opt-out', wording: 'Yes, send me news' });
    const { items } = await profileTimeline(pool(), sectionId, a, { only: 'consents' });
    expect(items.map(({ what }) => what)).toEqual([
      'by SMS: opted in, confirmed',
      'by email: opted in',
      'by email: opted out',
    ]);
    valueOf(await eraseProfile(account.marketer, { sectionId, profileId: a }));
    expect(await consentsOf(a)).toEqual([]);
    const left = await one<{ rows: number; proofs: number }>(
      pool(),
      sql`
        select count(*) as rows, count(*) filter (where proof <> '' or given_source <> '') as proofs
        from consent_change where section_id = ${sectionId} and profile_id = any(${[a, b, c]}::bigint[])`,
    );
    expect(left).toEqual({ rows: 0, proofs: 0 });
  });

  it('undoes and redoes an operation, and keeps what was changed since', async () => {
    const { sectionId } = account;
    const [ann, bo, cy] = (await createTestProfiles(sectionId, 3)) as [ProfileId, ProfileId, ProfileId];
    await change([{ id: bo, type: 'opt-in', source: 'form Newsletter' }]);
    const { id: operationId } = await one<{ id: OperationId }>(
      pool(),
      sql`
        insert into operation (section_id, kind, summary, input, status, user_id, counts)
        values (${sectionId}, 'bulk_tag', 'Import', '{}', 'done', ${account.marketer.userId}, '{}') returning id`,
    );
    const cause: ConsentCause = { ...byHand(), source: 'import', operationId };
    await change(
      [ann, bo, cy].map((id) => ({ id, type: 'opt-out' as const, source: 'leads.csv' })),
      { cause },
    );
    await change([{ id: cy, type: 'opt-in' }]);
    await change([{ id: cy, type: 'opt-out' }]);
    expect((await undoPreview({ sectionId, operationId })).consents).toEqual({ goBack: 2, stay: 1 });
    const { undoId } = valueOf(await undoOperation(account.marketer, { sectionId, operationId }));
    expect(await runToEnd(sectionId, undoId)).toMatchObject({ consentsRestored: 2, consentsKept: 1 });
    expect(await consentsOf(ann)).toEqual([]);
    expect(await consentsOf(bo)).toMatchObject([{ type: 'opt-in', source: 'form Newsletter' }]);
    expect(await consentsOf(cy)).toMatchObject([{ type: 'opt-out' }]);
    const { undoId: redoId } = valueOf(await undoOperation(account.marketer, { sectionId, operationId: undoId }));
    expect(await runToEnd(sectionId, redoId)).toMatchObject({ consentsRestored: 2 });
    expect(await consentsOf(bo)).toMatchObject([{ type: 'opt-out', source: 'leads.csv' }]);
    expect(await consentsOf(ann)).toMatchObject([{ type: 'opt-out' }]);
  });

  it('leaves an opt-out that somebody else has said again, whether an undo or a redo would loosen it', async () => {
    const { sectionId } = account;
    const [ann, bo, cy] = (await createTestProfiles(sectionId, 3)) as [ProfileId, ProfileId, ProfileId];
    await change([
      { id: ann, type: 'opt-in' },
      { id: bo, type: 'opt-in' },
    ]);
    const operation = async (type: ConsentType) => {
      const { id: operationId } = await one<{ id: OperationId }>(
        pool(),
        sql`
          insert into operation (section_id, kind, summary, input, status, user_id, counts)
          values (${sectionId}, 'bulk_tag', 'Import', '{}', 'done', ${account.marketer.userId}, '{}') returning id`,
      );
      const given = [ann, bo].map((id): Given => ({ id, type }));
      await change(given, { cause: { ...byHand(), source: 'import', operationId } });
      // The same again by the operation itself says nothing new.
      expect(await change(given, { cause: { ...byHand(), source: 'import', operationId } })).toMatchObject({
        repeated: 0,
      });
      return operationId;
    };
    const theirs: ConsentCause = { sectionId, source: 'person', userId: null };
    const stops = () => change([{ id: ann, type: 'opt-out' }], { cause: theirs });
    const types = async () => [(await consentsOf(ann))[0]?.type, (await consentsOf(bo))[0]?.type];
    const undo = async (operationId: OperationId) => {
      const { undoId } = valueOf(await undoOperation(account.marketer, { sectionId, operationId }));
      return { undoId, counts: await runToEnd(sectionId, undoId) };
    };

    const out = await operation('opt-out');
    expect(await stops()).toEqual({ changed: 0, added: 0, people: 0, optedOut: 0, repeated: 1 });
    // Recorded once: no nightly import makes the history longer.
    expect(await stops()).toMatchObject({ changed: 0, repeated: 0 });
    expect((await undo(out)).counts).toMatchObject({ consentsRestored: 1, consentsKept: 1 });
    expect(await types()).toEqual(['opt-out', 'opt-in']);

    await change([{ id: bo, type: 'opt-out' }], { cause: theirs });
    const loosened = await operation('opt-in');
    const { undoId } = await undo(loosened);
    expect(await types()).toEqual(['opt-out', 'opt-out']);
    expect(await stops()).toMatchObject({ changed: 0, repeated: 1 });
    await undo(undoId);
    expect(await types()).toEqual(['opt-out', 'opt-in']);

    // Of two people who become one, the other had opted out too.
    await change([{ id: cy, type: 'opt-out' }], { cause: theirs });
    const again = await operation('opt-out');
    const seen = {
      into: (await getProfile(pool(), sectionId, bo))!.updatedAt,
      from: (await getProfile(pool(), sectionId, cy))!.updatedAt,
    };
    valueOf(await mergeTwoProfiles(account.marketer, { sectionId, into: bo, from: cy, take: [], seen }));
    await undo(again);
    expect(await types()).toEqual(['opt-out', 'opt-out']);
  });
});

describe('topics', () => {
  it('have folders, are hidden rather than deleted once somebody agreed, and keep their discriminator', async () => {
    const { sectionId } = account;
    const [ann] = (await createTestProfiles(sectionId, 1)) as [ProfileId];
    const made = valueOf(
      await createTopic(account.admin, { sectionId, name: 'Trips', folder: ' Sweden ', description: 'Four a year' }),
    );
    expect(made).toMatchObject({ folder: 'Sweden', description: 'Four a year', hiddenAt: null });
    const edit = { sectionId, topicId: made.id, name: 'Journeys', folder: '', description: '' };
    expect(await updateTopic(account.marketer, edit)).toMatchObject({ refusal: { code: 'not_allowed' } });
    expect(await updateTopic(account.admin, { ...edit, name: 'news' })).toMatchObject({
      refusal: { code: 'name_taken' },
    });
    valueOf(await updateTopic(account.admin, edit));
    await change([{ id: ann, type: 'opt-in', topic: made.id }]);
    expect(await deleteTopic(account.admin, { sectionId, topicId: made.id })).toMatchObject({
      refusal: { code: 'in_use' },
    });
    valueOf(await setTopicHidden(account.admin, { sectionId, topicId: made.id, hidden: true }));
    const [stored] = await rows(
      pool(),
      sql`select discriminator, name from topic where section_id = ${sectionId} and id = ${made.id}`,
    );
    expect(stored).toEqual({ discriminator: made.discriminator, name: 'Journeys' });
    const unused = valueOf(await createTopic(account.admin, { sectionId, name: 'Unused' }));
    valueOf(await deleteTopic(account.admin, { sectionId, topicId: unused.id }));
  });
});
