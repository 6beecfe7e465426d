// Sizes of a new segment for the days before it was created.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import {
  allOf,
  hasTag,
  inSegment,
  makeAttribute,
  makeSegment,
  onAttribute,
  rulesOf,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { updateSegment } from './commands';
import { recordPastSizes } from './past-sizes';
import { getSegment, segmentSizes } from './queries';
import { readSegmentSizes } from './reads';

const DAY = 86_400_000;

let account: TestAccount;
let sectionId: SectionId;
let vip: TagId;
let lead: TagId;
let profiles: ProfileId[];
let start: number;
beforeEach(async () => {
  start = Date.now();
  account = await createTestAccount();
  sectionId = account.sectionId;
  [vip, lead] = [await createTestTag(sectionId, 'VIP'), await createTestTag(sectionId, 'Lead')];
  profiles = await createTestProfiles(sectionId, 3);
  await execute(
    pool(),
    sql`update profile set created_at = ${new Date(start - 5 * DAY)} where section_id = ${sectionId}`,
  );
  const ago = (days: number) => ({ at: new Date(start - days * DAY) });
  await tagProfiles(sectionId, [profiles[0]!], { apply: [vip] }, ago(4.5));
  await tagProfiles(sectionId, [profiles[1]!], { apply: [vip] }, ago(2.5));
  await tagProfiles(sectionId, [profiles[0]!], { remove: [vip] }, ago(1.5));
});

const sizesOf = async (id: SegmentId) => (await segmentSizes(pool(), sectionId, id)).map(({ profiles: size }) => size);
const read = async (id: SegmentId) => valueOf(await readSegmentSizes(account.marketer, { sectionId, segmentId: id }));
const past = async (id: SegmentId) => (await read(id)).past;

describe('a new segment', () => {
  it('has a size for each day since there have been profiles, by the history of its tags', async () => {
    const id = await makeSegment(account.admin, sectionId, hasTag(vip));
    expect(await read(id)).toMatchObject({ sizes: [], pending: true });
    await recordPastSizes(sectionId, id);
    expect((await read(id)).pending).toBe(false);
    const sizes = await segmentSizes(pool(), sectionId, id);
    expect(sizes.every(({ computed }) => computed)).toBe(true);
    const later = (than: number, at: Date) => Number(at.getTime() >= start - than * DAY);
    expect(sizes.map(({ profiles: size }) => size)).toEqual(
      sizes.map(({ at }) => later(4.5, at) + later(2.5, at) - later(1.5, at)),
    );
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(await past(id)).toBe(
      'The days before the segment was created are computed from the history of tags and events, without people deleted since.',
    );
  });

  it('has more sizes to come as long as their computation waits', async () => {
    const id = await makeSegment(account.admin, sectionId, hasTag(vip));
    await execute(
      pool(),
      sql`update segment set changed_at = ${new Date(Date.now() - 3_600_000)} where section_id = ${sectionId} and id = ${id}`,
    );
    expect((await read(id)).pending).toBe(true);
    await rows(
      pool(),
      sql`delete from graphile_worker._private_jobs where key = ${`past-segment-sizes:${sectionId}:${id}`}`,
    );
    expect((await read(id)).pending).toBe(false);
  });

  it('gets as many days as there is time for, the newest first', async () => {
    const id = await makeSegment(account.admin, sectionId, hasTag(vip));
    await recordPastSizes(sectionId, id, { days: 2 });
    expect(await sizesOf(id)).toHaveLength(2);
    await recordPastSizes(sectionId, id, { inAll: 0 });
    expect(await sizesOf(id)).toEqual([]);
    await transaction(async (tx) => {
      await execute(tx, sql`lock table tag_change in access exclusive mode`);
      await recordPastSizes(sectionId, id, { each: 0.2 });
    });
    expect(await sizesOf(id)).toEqual([]);
  });

  it('whose rules change gets the past of the new ones', async () => {
    const id = await makeSegment(account.admin, sectionId, hasTag(vip));
    await recordPastSizes(sectionId, id);
    const { changedAt, name, description } = (await getSegment(pool(), sectionId, id))!;
    const seen = changedAt.toISOString();
    valueOf(
      await updateSegment(account.admin, {
        ...{ sectionId, segmentId: id, name, description, seen },
        rules: rulesOf(hasTag(lead)),
      }),
    );
    await recordPastSizes(sectionId, id);
    expect(new Set(await sizesOf(id))).toEqual(new Set([0]));
  });

  it('says which of its conditions are taken as they are now, and has no past if all of them are', async () => {
    const { id: attributeId } = await makeAttribute(account.admin, sectionId, 'text');
    const city = onAttribute(attributeId, { test: 'empty' });
    const attributesOnly = await makeSegment(account.admin, sectionId, city);
    await recordPastSizes(sectionId, attributesOnly);
    expect(await sizesOf(attributesOnly)).toEqual([]);
    expect(await past(attributesOnly)).toMatch(/^Earlier days cannot be computed/);
    const both = await makeSegment(account.admin, sectionId, allOf(inSegment(attributesOnly), hasTag(vip)));
    expect(await past(both)).toBeNull();
    await recordPastSizes(sectionId, both);
    expect(await past(both)).toMatch(/attributes and keys are taken as they are now\.$/);
  });
});
