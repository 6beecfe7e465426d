// The members on a segment's page, also for an invalid URL or unusable rules.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hasTag, makeSegment, tagProfiles, valueOf } from '@/testing/segments';
import type { MembersRequest } from './member-params';
import { findMembers } from './members';

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
let segmentId: SegmentId;
let people: ProfileId[];
beforeAll(async () => {
  account = await createTestAccount();
  ({ sectionId } = account);
  tagId = await createTestTag(sectionId, 'VIP');
  people = await createTestProfiles(sectionId, 3);
  await tagProfiles(sectionId, people, { apply: [tagId] });
  segmentId = await makeSegment(account.marketer, sectionId, hasTag(tagId), 'VIPs');
});

const NOW: MembersRequest = { view: 'now', at: '', from: '', to: '', which: 'came', before: null, after: null };
const read = (more: Partial<MembersRequest> = {}) =>
  findMembers(account.marketer, { sectionId, segmentId, timeZone: 'UTC' }, { ...NOW, ...more });
const idsOf = async (more?: Partial<MembersRequest>) => (await read(more)).page.profiles.map(({ id }) => id);

describe('the members of a segment', () => {
  it('are a page, followed by their number', async () => {
    const members = await read({ before: people[2]! });
    expect(members.page.profiles.map(({ id }) => id)).toEqual([people[1], people[0]]);
    expect(members.kind === 'list' && (await members.count)).toEqual({ ok: true, value: 3 });
  });

  it('come with a unique key and with the question that they answer', async () => {
    const [first, second] = [await read(), await read()];
    expect(first.key).not.toBe(second.key);
    expect(first.asked).toEqual(NOW);
  });

  it('start at the beginning if the address has an invalid profile id', async () => {
    const all = [people[2], people[1], people[0]];
    expect(await idsOf({ before: 1e20 })).toEqual(all);
    expect(await idsOf({ after: -1 })).toEqual(all);
  });

  it.each([
    [{ view: 'then' as const }, 'Choose a date', 'taken as they were at the end of that day'],
    [{ view: 'then' as const, at: '2026-02-30' }, 'Choose a date', 'There is no date “2026-02-30”.'],
    [{ view: 'then' as const, at: '2999-05-01' }, 'Choose a date', '1 May 2999 has not come yet.'],
    [
      { view: 'compare' as const, from: '2026-02-02', to: '2026-02-01' },
      'Choose two dates',
      'The second date is before the first.',
    ],
  ])('are nobody if days are missing or invalid: %j', async (asked, title, message) => {
    expect(await read(asked)).toMatchObject({
      kind: 'nobody',
      title,
      message: expect.stringContaining(message) as string,
    });
  });

  it('are nobody if the segment cannot be used, with the reason', async () => {
    valueOf(await hideTag(account.owner, { sectionId, tagId }));
    expect(await read()).toMatchObject({
      kind: 'nobody',
      page: { profiles: [] },
      message: expect.stringContaining('The tag “VIP” was hidden by Test owner') as string,
    });
  });
});
