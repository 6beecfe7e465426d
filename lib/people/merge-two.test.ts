// Merging two profiles in the browser: what is kept, what is replaced, and concurrent changes of either profile.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { changeProfileTags, createProfile, updateProfile } from '@/lib/profiles/commands';
import { getProfile } from '@/lib/profiles/queries';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { hold, untilWaiting } from '@/testing/races';
import { addEvent, makeEventType, valueOf } from '@/testing/segments';
import { eraseProfile } from './erase';
import { mergeTwoProfiles, previewMerge, readRemainingProfile } from './merge-two';
import { readTimeline } from './reads';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const emailOf = (name: string) => `${name}.${randomUUID().slice(0, 8)}@example.com`;

async function create(email: string, attributes: Record<string, string> = {}, mobile?: string): Promise<ProfileId> {
  const { sectionId, keyspaces, marketer } = account;
  const keys = [
    { keyspaceId: keyspaces.email, key: email },
    ...(mobile ? [{ keyspaceId: keyspaces.mobile, key: mobile }] : []),
  ];
  return valueOf(await createProfile(marketer, { sectionId, keys, attributes })).id;
}

const preview = async (profileId: ProfileId, otherId: ProfileId) =>
  valueOf(await previewMerge(account.marketer, { sectionId: account.sectionId, profileId, otherId }));

async function merge(one: ProfileId, other: ProfileId, take: string[] = []) {
  const { into, from } = await preview(one, other);
  return mergeTwoProfiles(account.marketer, mergeInput(into, from, take));
}

type Side = { id: ProfileId; updatedAt: Date };
const mergeInput = (into: Side, from: Side, take: string[] = []) => ({
  sectionId: account.sectionId,
  into: into.id,
  from: from.id,
  take,
  seen: { into: into.updatedAt, from: from.updatedAt },
});

const apply = async (profileId: ProfileId, name: string) => {
  const tagId = await createTestTag(account.sectionId, name);
  valueOf(await changeProfileTags(account.marketer, { sectionId: account.sectionId, profileId, apply: [tagId] }));
  return tagId;
};

const lines = async (profileId: ProfileId, only?: 'tags' | 'merges') =>
  valueOf(await readTimeline(account.marketer, { sectionId: account.sectionId, profileId, only })).items;

describe('merging two profiles in the browser', () => {
  it('keeps the older one with the chosen values, both mobile and email, and all tags, and reports what was replaced', async () => {
    const [oldEmail, newEmail] = [emailOf('old'), emailOf('new')];
    const older = await create(oldEmail, { firstname: 'Karin', lastname: 'Holm', birthdate: '1980-01-01' });
    const newer = await create(newEmail, { firstname: 'Carin', birthdate: '1980-01-02' }, '+46701234567');
    const [mine, theirs] = [await apply(older, 'Mine'), await apply(newer, 'Theirs')];
    const emailCode = `key:${account.keyspaces.email}`;

    const shown = await preview(newer, older);
    expect([shown.into.id, shown.from.id]).toEqual([older, newer]);
    expect(valueOf(await merge(newer, older, ['birthdate', emailCode]))).toEqual({ into: older });

    const profile = await getProfile(pool(), account.sectionId, older);
    expect(profile!.attributes).toEqual({
      firstname: 'Karin',
      lastname: 'Holm',
      birthdate: '1980-01-02',
      email: newEmail,
      mobile: '46701234567',
    });
    expect(profile!.keys.map(({ key }) => key)).toEqual([newEmail, '46701234567']);
    expect(profile!.tags.map(({ id }) => id)).toEqual([mine, theirs]);
    expect(await getProfile(pool(), account.sectionId, newer)).toBeUndefined();
    expect(
      valueOf(await readRemainingProfile(account.marketer, { sectionId: account.sectionId, profileId: newer })),
    ).toBe(older);
    expect(await lines(older, 'merges')).toMatchObject([
      {
        about: 'Carin',
        what: 'merged into this profile',
        details: [
          { name: 'Tag', after: 'Theirs' },
          { name: 'First name', before: 'Carin', after: 'Karin' },
        ],
        from: 'Merge by Test user',
      },
    ]);
    // Tags that moved have no lines of their own.
    expect((await lines(older, 'tags')).map(({ about, what }) => `${about} ${what}`)).toEqual([
      'Theirs applied',
      'Mine applied',
    ]);
    await expectInvariants();
  });

  it('suggests to keep the one that was seen last, then the one with more tags, then the older, unless a person chooses', async () => {
    const { sectionId, marketer } = account;
    const [older, newer] = [await create(emailOf('first')), await create(emailOf('second'))];
    const kept = async (keep?: ProfileId) => {
      const shown = valueOf(await previewMerge(marketer, { sectionId, profileId: newer, otherId: older, keep }));
      expect([shown.into.id, shown.from.id]).toContain(older);
      return [shown.into.id, shown.because];
    };
    expect(await kept()).toEqual([older, 'older']);
    await apply(newer, 'Only on the newer');
    expect(await kept()).toEqual([newer, 'tags']);
    const { versionId } = await makeEventType(account.admin, sectionId);
    await addEvent(sectionId, older, versionId, { at: new Date('2026-01-02') });
    expect(await kept()).toEqual([older, 'seen']);
    await addEvent(sectionId, newer, versionId, { at: new Date('2026-01-03') });
    expect(await kept()).toEqual([newer, 'seen']);
    expect(await kept(older)).toEqual([older, 'chosen']);
    // The address may have any id in it.
    expect(await kept(await create(emailOf('third')))).toEqual([newer, 'seen']);
  });

  it('records the key that was replaced, so that it can be read later', async () => {
    const [kept, given] = [emailOf('kept'), emailOf('given')];
    const [older, newer] = [await create(kept), await create(given)];
    valueOf(await merge(older, newer));
    expect((await lines(older, 'merges'))[0]).toMatchObject({ details: [{ before: given, after: kept }] });
    // No profile has the key now, so it can be used again.
    await create(given);
    await expectInvariants();
  });

  it('keeps the stricter of two consents, even if it is older', async () => {
    const { sectionId } = account;
    const [older, newer] = [await create(emailOf('a')), await create(emailOf('b'))];
    await execute(
      pool(),
      sql`
        with topic as (
          insert into topic (section_id, discriminator, name, name_key) values (${sectionId}, 'news', 'News', 'news') returning id
        )
        insert into consent (section_id, profile_id, topic_id, channel, type, reason, source, modified_at)
        select ${sectionId}::int, profile_id, topic.id, channel, type, '', '', at
        from topic, (values
          (${older}::bigint, 'email', 'opt-out', timestamptz '2026-01-01'),
          (${newer}::bigint, 'email', 'confirmed-opt-in', timestamptz '2026-02-01'),
          (${newer}::bigint, 'sms', 'opt-in', timestamptz '2026-02-01')
        ) given (profile_id, channel, type, at)`,
    );
    const { consents } = await preview(older, newer);
    expect(consents).toEqual([
      { topic: 'News', channel: 'email', into: 'opt-out', from: 'confirmed-opt-in', remains: 'opt-out' },
      { topic: 'News', channel: 'sms', into: null, from: 'opt-in', remains: 'opt-in' },
    ]);
    valueOf(await merge(older, newer));
    expect(
      await rows(pool(), sql`select channel, type from consent where profile_id = ${older} order by channel`),
    ).toEqual([
      { channel: 'email', type: 'opt-out' },
      { channel: 'sms', type: 'opt-in' },
    ]);
  });

  it('refuses the same profile twice, and a profile of another section', async () => {
    const id = await create(emailOf('self'));
    expect(
      await mergeTwoProfiles(
        account.marketer,
        mergeInput({ id, updatedAt: new Date() }, { id, updatedAt: new Date() }),
      ),
    ).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    const other = await createTestAccount();
    expect(
      await previewMerge(other.marketer, { sectionId: account.sectionId, profileId: id, otherId: id }),
    ).toMatchObject({ ok: false });
  });

  it('refuses if somebody changed either profile since the preview', async () => {
    const [older, newer] = [await create(emailOf('x')), await create(emailOf('y'))];
    const { into, from } = await preview(older, newer);
    const edit = { sectionId: account.sectionId, profileId: newer, keys: [], attributes: { lastname: 'Ystad' } };
    valueOf(await updateProfile(account.admin, edit));
    expect(await mergeTwoProfiles(account.marketer, mergeInput(into, from))).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', message: expect.stringContaining('changed one of the two') as string },
    });
    expect(await getProfile(pool(), account.sectionId, newer)).toBeDefined();
  });
});

describe('concurrent changes', () => {
  const lockRow = (id: ProfileId) =>
    hold((tx) =>
      rows(tx, sql`select from profile where section_id = ${account.sectionId} and id = ${id} for no key update`),
    );

  it('merge once if two people merge the same profiles, and inform the second person', async () => {
    const [older, newer] = [await create(emailOf('one')), await create(emailOf('two'))];
    const tagId = await apply(newer, 'Of both');
    const { into, from } = await preview(older, newer);
    const held = await lockRow(newer);
    const both = [
      mergeTwoProfiles(account.marketer, mergeInput(into, from)),
      mergeTwoProfiles(account.admin, mergeInput(from, into)),
    ];
    await untilWaiting(2);
    await held.commit();
    const results = await Promise.all(both);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const [winner] = results.filter((result) => result.ok);
    expect(results.find(({ ok }) => !ok)).toMatchObject({
      refusal: { code: 'conflict', details: { profileId: winner!.value.into } },
    });
    const held2 = await rows(pool(), sql`select profile_id as id from profile_tag where tag_id = ${tagId}`);
    expect(held2).toEqual([{ id: winner!.value.into }]);
    await expectInvariants();
  });

  it('merge nothing if somebody erases one of the profiles, and leave no trace of the erased person', async () => {
    const email = emailOf('erased');
    const [older, newer] = [await create(emailOf('stays')), await create(email)];
    const { into, from } = await preview(older, newer);
    const held = await lockRow(newer);
    const erased = eraseProfile(account.admin, { sectionId: account.sectionId, profileId: newer });
    await untilWaiting(1);
    const merged = mergeTwoProfiles(account.marketer, mergeInput(into, from));
    await untilWaiting(2);
    await held.commit();
    expect(await erased).toMatchObject({ ok: true });
    expect(await merged).toMatchObject({
      ok: false,
      refusal: { code: 'not_found', message: expect.stringContaining('Nothing was merged') as string },
    });
    expect(await lines(older, 'merges')).toEqual([]);
    await expectInvariants();
  });

  it('erase the replaced name and values along with the merged person', async () => {
    const given = emailOf('forgotten');
    const [older, newer] = [await create(emailOf('whole')), await create(given, { firstname: 'Forgotten' })];
    valueOf(await merge(older, newer));
    valueOf(await eraseProfile(account.marketer, { sectionId: account.sectionId, profileId: older }));
    expect(await rows(pool(), sql`select from profile_merge where before::text like ${`%${given}%`}`)).toEqual([]);
  });
});
