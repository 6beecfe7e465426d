// What Home shows of a section.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { hideTag } from '@/lib/tags/commands';
import { tagMovers } from '@/lib/tags/movers';
import { segmentMovers } from '@/lib/segments/movers';
import { tidyCounts } from '@/lib/tags/tidy';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { hasTag, makeSegment, tagProfiles, valueOf } from '@/testing/segments';
import {
  readConnectionPart,
  readFirstSteps,
  readFormPart,
  readImportPart,
  readMessagePart,
  readOtherAttention,
  readPeopleFigures,
  readUntaggedFigure,
} from './reads';
import { remembered } from './remembered';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Home');
});

describe('the numbers of people', () => {
  it('count everybody, who has no tag, and who was added in the last seven days', async () => {
    const [old, tagged] = await createTestProfiles(sectionId, 4);
    await execute(
      pool(),
      sql`update profile set created_at = ${daysAgo(8)} where section_id = ${sectionId} and id = ${old}`,
    );
    await tagProfiles(sectionId, [tagged!], { apply: [await createTestTag(sectionId, 'VIP')] });
    expect(valueOf(await readPeopleFigures(account.admin, { sectionId }))).toEqual({ people: 4, newThisWeek: 3 });
    expect(valueOf(await readUntaggedFigure(account.admin, { sectionId }))).toBe(3);
  });

  it('are kept for half a minute if they took long, and failures are not', async () => {
    let now = 0;
    const recall = remembered<number>(() => now);
    const answers = (value: number, ms: number) => () => {
      now += ms;
      return Promise.resolve(value);
    };
    await expect(recall(1, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await recall(1, answers(5, 10))).toBe(5);
    expect(await recall(1, answers(6, 300))).toBe(6);
    now = 29_000;
    expect(await recall(1, answers(7, 300))).toBe(6);
    expect(await recall(2, answers(8, 300))).toBe(8);
    now = 31_000;
    expect(await recall(1, answers(7, 300))).toBe(7);
  });
});

describe('tags that move', () => {
  it('are those that grew most, then those that shrank most, without hidden ones and without older days', async () => {
    const ids = Object.fromEntries(
      await Promise.all(
        ['Grew', 'Grew more', 'Shrank', 'Still', 'Before', 'Hidden'].map(
          async (name) => [name, await createTestTag(sectionId, name)] as const,
        ),
      ),
    );
    const day = (name: string, ago: number, applied: number, removed: number) =>
      execute(
        pool(),
        sql`
          insert into tag_day (section_id, tag_id, day, source, slot, applied, removed)
          values (${sectionId}, ${ids[name]}, ${daysAgo(ago)}::date, 1, 0, ${applied}, ${removed})`,
      );
    await day('Grew', 1, 3, 0);
    await day('Grew more', 2, 9, 2);
    await day('Grew more', 20, 40, 0);
    await day('Shrank', 0, 1, 5);
    await day('Still', 0, 2, 2);
    await day('Before', 8, 100, 0);
    await day('Hidden', 0, 50, 0);
    await hideTag(account.admin, { sectionId, tagId: ids['Hidden']! });
    const movers = await tagMovers(pool(), sectionId, { since: daysAgo(6), most: 5 });
    expect(movers.map(({ name, net }) => [name, net])).toEqual([
      ['Grew more', 7],
      ['Grew', 3],
      ['Shrank', -4],
    ]);
    expect(movers[0]!.days.reduce((sum, net) => sum + net, 0)).toBe(47);
    expect(await tagMovers(pool(), sectionId, { since: daysAgo(6), most: 1 })).toMatchObject([
      { name: 'Grew more' },
      { name: 'Shrank' },
    ]);
  });
});

describe('segments that move', () => {
  const note = (segmentId: SegmentId, ago: number, profiles: number) =>
    execute(
      pool(),
      sql`insert into segment_size (section_id, segment_id, at, profiles) values (${sectionId}, ${segmentId}, ${daysAgo(ago)}, ${profiles})`,
    );

  it('are compared with their last size before the week, or their first one', async () => {
    const tag = await createTestTag(sectionId, 'VIP');
    const make = (name: string) => makeSegment(account.admin, sectionId, hasTag(tag), name);
    const [old, young, same] = [await make('Old'), await make('Young'), await make('Same')];
    await execute(pool(), sql`delete from segment_size where section_id = ${sectionId}`);
    for (const [ago, profiles] of [
      [20, 100],
      [8, 70],
      [3, 90],
      [1, 60],
    ] as const)
      await note(old, ago, profiles);
    for (const [ago, profiles] of [
      [3, 10],
      [1, 25],
    ] as const)
      await note(young, ago, profiles);
    for (const ago of [9, 1]) await note(same, ago, 5);
    const period = { since: daysAgo(7), month: daysAgo(30), most: 5 };
    expect(await segmentMovers(pool(), sectionId, period)).toEqual([
      { id: young, name: 'Young', profiles: 25, net: 15, sizes: [10, 25] },
      { id: old, name: 'Old', profiles: 60, net: -10, sizes: [100, 70, 90, 60] },
    ]);
  });
});

describe('what needs attention', () => {
  it('has segments that use something hidden', async () => {
    const tagId = await createTestTag(sectionId, 'Do not contact');
    const segment = await makeSegment(account.admin, sectionId, hasTag(tagId), 'Everybody else');
    expect(valueOf(await readOtherAttention(account.admin, { sectionId }))).toEqual([]);
    expect(valueOf(await readFormPart(account.admin, { sectionId }))).toEqual({ latest: [], attention: [] });
    await hideTag(account.admin, { sectionId, tagId });
    expect(valueOf(await readOtherAttention(account.admin, { sectionId }))).toEqual([
      {
        key: `segment ${segment}`,
        title: 'The segment “Everybody else” needs attention',
        reason: expect.stringContaining('Do not contact') as string,
        path: `/segments/${segment}`,
      },
    ]);
  });

  it('has work and imports that stopped in the last week, unless they were done since', async () => {
    const stopped = (kind: string, summary: string, status: string, ago: number) =>
      execute(
        pool(),
        sql`
          insert into operation (section_id, kind, status, summary, input, error, created_at, finished_at)
          values (${sectionId}, ${kind}, ${status}::operation_status, ${summary}, '{}', 'It broke.', ${daysAgo(ago)}, ${daysAgo(ago)})`,
      );
    await stopped('bulk_tag', 'Apply VIP', 'failed', 1);
    await stopped('bulk_tag', 'Apply Partner', 'failed', 1);
    await stopped('bulk_tag', 'Apply Partner', 'done', 0);
    await stopped('bulk_tag', 'Apply Old', 'failed', 9);
    const attention = valueOf(await readOtherAttention(account.admin, { sectionId }));
    expect(attention).toMatchObject([{ title: '“Apply VIP” stopped', reason: 'It broke.' }]);
    expect(valueOf(await readImportPart(account.admin, { sectionId }))).toEqual({ latest: [], attention: [] });
    expect(valueOf(await readMessagePart(account.admin, { sectionId }))).toEqual({ latest: [], attention: [] });
  });

  it('shows connections to Admins only', async () => {
    const seen = { sectionId: account.sectionId };
    expect(await readConnectionPart(account.marketer, seen)).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    expect(valueOf(await readConnectionPart(account.admin, seen))).toEqual({ latest: [], attention: [] });
  });
});

it('tags are counted that are unused, undescribed or ownerless; young ones are not called unused', async () => {
  const [used, idle] = [await createTestTag(sectionId, 'Used'), await createTestTag(sectionId, 'Idle')];
  await createTestTag(sectionId, 'Young');
  const [person] = await createTestProfiles(sectionId, 1);
  await tagProfiles(sectionId, [person!], { apply: [used] });
  await execute(
    pool(),
    sql`
      update tag set created_at = ${daysAgo(100)}, description = 'Known', owner_note = 'Karin'
      where section_id = ${sectionId} and id = any(${[used, idle]}::int[])`,
  );
  expect(await tidyCounts(pool(), sectionId, daysAgo(90))).toEqual({
    tags: 3,
    unused: 1,
    undescribed: 1,
    ownerless: 1,
  });
});

it('the first steps are ticked off one by one', async () => {
  const read = async () => valueOf(await readFirstSteps(account.admin, { sectionId }));
  expect(await read()).toEqual({ tags: false, people: false, tagged: false, segment: false, newest: null });
  const tag = await createTestTag(sectionId, 'VIP');
  const [person] = await createTestProfiles(sectionId, 1);
  expect(await read()).toEqual({ tags: true, people: true, tagged: false, segment: false, newest: person });
  await tagProfiles(sectionId, [person!], { apply: [tag] });
  await makeSegment(account.admin, sectionId, hasTag(tag), 'VIPs');
  expect(await read()).toEqual({ tags: true, people: true, tagged: true, segment: true, newest: person });
});
