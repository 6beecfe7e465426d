// The timeline: lines of all subjects in one order, in pages.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { changeProfileTags, createProfile } from '@/lib/profiles/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { readTimeline } from './reads';
import { profileTimeline, TIMELINE_MENU } from './timeline';

let account: TestAccount;
let sectionId: SectionId;
let profileId: ProfileId;

beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  const keys = [{ keyspaceId: account.keyspaces.email, key: `${randomUUID()}@example.com` }];
  ({ id: profileId } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} })));
});

async function pagesOf(only?: string): Promise<string[]> {
  const cursors: string[] = [];
  for (let before: string | undefined; ;) {
    const { items, next } = await profileTimeline(pool(), sectionId, profileId, { before, only });
    expect(items.length).toBeLessThanOrEqual(50);
    cursors.push(...items.map(({ cursor }) => cursor));
    if (next === null) return cursors;
    before = next;
  }
}

/** Adds lines of every stream, many of them at the same time. */
async function addLines(lines: number): Promise<void> {
  const tagId = await createTestTag(sectionId, 'Back and forth');
  const { id: versionId } = await one<{ id: number }>(
    pool(),
    sql`
      with type as (
        insert into event_type (section_id, discriminator, name, name_key) values (${sectionId}, 'bought', 'Bought', 'bought')
        returning id
      )
      insert into event_version (section_id, event_type_id, fields) select ${sectionId}, id, '[]' from type
      returning id`,
  );
  const at = sql`timestamptz '2026-03-01 12:00:00' + (line % 3) * interval '1 millisecond'`;
  const lineNumbers = sql`generate_series(1, ${lines}::int) line`;
  await execute(
    pool(),
    sql`insert into tag_change (section_id, tag_id, profile_id, action, visible, at, source)
        select ${sectionId}, ${tagId}, ${profileId}, case when line % 2 = 1 then 1 else -1 end, true, ${at}, 1
        from ${lineNumbers}`,
  );
  await execute(
    pool(),
    sql`insert into profile_change (section_id, profile_id, at, before, after, source)
        select ${sectionId}, ${profileId}, ${at}, '{}', '{"firstname": "Ann"}', 1 from ${lineNumbers}`,
  );
  await execute(
    pool(),
    sql`insert into profile_event (section_id, profile_id, version_id, at)
        select ${sectionId}, ${profileId}, ${versionId}, ${at} from ${lineNumbers}`,
  );
}

it('pages through every line once, newest first, including lines with the same time', async () => {
  await addLines(60);
  const seen = await pagesOf();
  expect(new Set(seen).size).toBe(181);
  const places = seen.map((cursor) => cursor.split('~') as [string, string, string]);
  const inOrder = [...places].sort(
    ([at, stream, id], [otherAt, other, otherId]) =>
      otherAt.localeCompare(at) || other.localeCompare(stream) || Number(otherId) - Number(id),
  );
  expect(places).toEqual(inOrder);
  const streams = TIMELINE_MENU.map(({ value }) => value);
  expect(streams).toEqual(['tags', 'consents', 'merges', 'data', 'events', 'forms', 'flows', 'messages', 'notes']);
  const perStream = await Promise.all(streams.map(async (stream) => (await pagesOf(stream)).length));
  expect(perStream).toEqual([60, 0, 0, 61, 60, 0, 0, 0, 0]);
});

it('pages through the whole history of a tag', async () => {
  const tagId = await createTestTag(sectionId, 'In and out');
  for (let round = 0; round < 3; round++) {
    valueOf(await changeProfileTags(account.marketer, { sectionId, profileId, apply: [tagId] }));
    valueOf(await changeProfileTags(account.marketer, { sectionId, profileId, remove: [tagId] }));
  }
  const { items } = await profileTimeline(pool(), sectionId, profileId);
  expect(items.map(({ about, what }) => [about, what])).toEqual([
    ...[1, 2, 3].flatMap(() => [
      ['In and out', 'removed'],
      ['In and out', 'applied'],
    ]),
    [null, 'Profile created'],
  ]);
});

it.each([
  ['nonsense', undefined],
  ['2026-03-01T12:00:00.000Z~t~5', undefined],
  ['2026-99-99T12:00:00.000Z~tags~5', undefined],
  [undefined, 'letters'],
])('refuses a page that is not known: %s %s', async (before, only) => {
  expect(await readTimeline(account.marketer, { sectionId, profileId, before, only })).toMatchObject({
    ok: false,
    refusal: { code: 'invalid' },
  });
});
