// What people do to a single profile.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { profileTimeline } from '@/lib/people/timeline';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { getTag } from '@/lib/tags/queries';
import { changeProfileTags, createProfile, updateProfile } from './commands';
import { getProfile } from './queries';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const unique = () => `p${randomUUID().slice(0, 8)}@example.com`;

async function create(email: string, attributes: Record<string, string> = {}) {
  const keys = [{ keyspaceId: account.keyspaces.email, key: email }];
  const result = await createProfile(account.marketer, { sectionId: account.sectionId, keys, attributes });
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.id;
}

const change = (profileId: number, attributes: Record<string, string>, more: object = {}) =>
  updateProfile(account.marketer, { sectionId: account.sectionId, profileId, keys: [], attributes, ...more });

describe('creating a profile', () => {
  it('normalises the key and sets its attribute', async () => {
    const email = unique();
    const id = await create(` ${email.toUpperCase()} `, { firstname: 'Åsa', birthdate: '30.11.1980' });
    expect(await getProfile(pool(), account.sectionId, id)).toMatchObject({
      name: 'Åsa',
      keys: [{ key: email }],
      attributes: { email, firstname: 'Åsa', birthdate: '1980-11-30' },
    });
  });

  it('refuses a key that another profile has, and names that profile', async () => {
    const email = unique();
    const id = await create(email);
    const keys = [{ keyspaceId: account.keyspaces.email, key: email.toUpperCase() }];
    const result = await createProfile(account.marketer, { sectionId: account.sectionId, keys, attributes: {} });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'conflict', details: { profileId: id } } });
  });

  it('requires a valid key', async () => {
    const attempt = (key: string) =>
      createProfile(account.marketer, {
        sectionId: account.sectionId,
        keys: [{ keyspaceId: account.keyspaces.email, key }],
        attributes: {},
      });
    expect(await attempt('')).toMatchObject({ ok: false, refusal: { field: 'keys' } });
    expect(await attempt('not an address')).toMatchObject({
      ok: false,
      refusal: { field: `key:${account.keyspaces.email}` },
    });
  });

  it('creates one profile if the form is sent twice', async () => {
    const keys = [{ keyspaceId: account.keyspaces.email, key: unique() }];
    const requestId = randomUUID();
    const send = () =>
      createProfile(account.marketer, { sectionId: account.sectionId, keys, attributes: {} }, { requestId });
    const [first, second] = await Promise.all([send(), send()]);
    expect(first.ok).toBe(true);
    expect(first).toEqual(second);
  });
});

describe('editing a profile', () => {
  it('records the old and new values', async () => {
    const id = await create(unique(), { firstname: 'Eva' });
    expect(await change(id, { firstname: 'Ewa', lastname: 'Ek' })).toEqual({
      ok: true,
      value: { changed: ['firstname', 'lastname'] },
    });
    const { items } = await profileTimeline(pool(), account.sectionId, id);
    expect(items[0]).toMatchObject({
      what: 'Profile changed',
      details: [
        { name: 'Last name', before: '', after: 'Ek' },
        { name: 'First name', before: 'Eva', after: 'Ewa' },
      ],
      from: 'By hand by Test user',
    });
  });

  it('does not overwrite a concurrent change', async () => {
    const id = await create(unique());
    const seen = (await getProfile(pool(), account.sectionId, id))!.updatedAt;
    await change(id, { firstname: 'First' });
    expect(await change(id, { firstname: 'Second' }, { seen })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('is a conflict only where the field itself was changed, if it is edited by itself', async () => {
    const id = await create(unique());
    const edit = (actor: UserActor, attributes: Record<string, string>, expected: Record<string, string | null>) =>
      updateProfile(actor, { sectionId: account.sectionId, profileId: id, keys: [], attributes, expected });
    expect(await edit(account.admin, { lastname: 'Holm' }, { lastname: null })).toMatchObject({ ok: true });
    expect(await edit(account.marketer, { firstname: 'Karin' }, { firstname: null })).toMatchObject({ ok: true });
    expect(await edit(account.marketer, { lastname: 'Holmberg' }, { lastname: null })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', field: 'lastname' },
    });
    expect(await edit(account.marketer, { lastname: 'Holmberg' }, { lastname: 'Holm' })).toMatchObject({ ok: true });
    const code = `key:${account.keyspaces.email}`;
    expect(await edit(account.marketer, {}, { [code]: 'else@example.com' })).toMatchObject({
      ok: false,
      refusal: { field: code },
    });
  });

  it('names the attribute with an invalid value', async () => {
    const id = await create(unique());
    expect(await change(id, { birthdate: 'soon' })).toMatchObject({ ok: false, refusal: { field: 'birthdate' } });
  });

  it('keeps at least one key', async () => {
    const id = await create(unique());
    const keys = [{ keyspaceId: account.keyspaces.email, key: '' }];
    expect(await change(id, {}, { keys })).toMatchObject({ ok: false, refusal: { field: 'keys' } });
  });
});

describe('taking a change of tags back', () => {
  const tagAs = async (actor: UserActor, profileId: ProfileId, input: object) =>
    valueOf(await changeProfileTags(actor, { sectionId: account.sectionId, profileId, ...input }));
  const chip = async (id: ProfileId) => (await getProfile(pool(), account.sectionId, id))!.tags[0];
  const lines = async (id: ProfileId) =>
    (await profileTimeline(pool(), account.sectionId, id, { only: 'tags' })).items.map(
      ({ what, undone }) => `${what}${undone ? ', undone' : ''}`,
    );

  it('brings back what was there, in one line of the timeline', async () => {
    const [id, tagId] = [await create(unique()), await createTestTag(account.sectionId, `Tag ${randomUUID()}`)];
    await tagAs(account.admin, id, { apply: [tagId] });
    const before = await chip(id);
    await tagAs(account.marketer, id, { remove: [tagId] });
    await tagAs(account.marketer, id, { apply: [tagId], undo: true });
    expect(await chip(id)).toEqual(before);
    expect(await lines(id)).toEqual(['removed, undone', 'applied']);
    await expectInvariants();
  });

  it('takes a tag off again that was applied', async () => {
    const [id, tagId] = [await create(unique()), await createTestTag(account.sectionId, `Tag ${randomUUID()}`)];
    await tagAs(account.marketer, id, { apply: [tagId] });
    await tagAs(account.marketer, id, { remove: [tagId], undo: true });
    expect(await lines(id)).toEqual(['applied, undone']);
  });

  it('takes back only what the change changed, and leaves the tag that it created', async () => {
    const [id, had] = [await create(unique()), await createTestTag(account.sectionId, `Tag ${randomUUID()}`)];
    await tagAs(account.admin, id, { apply: [had] });
    const name = `Tag ${randomUUID()}`;
    const { changed } = await tagAs(account.marketer, id, { apply: [had], create: [{ name }] });
    expect(changed).toEqual({ apply: [expect.any(Number)], remove: [] });
    await tagAs(account.marketer, id, { remove: changed.apply, apply: changed.remove, undo: true });
    expect((await getProfile(pool(), account.sectionId, id))!.tags.map((tag) => tag.id)).toEqual([had]);
    expect(await getTag(pool(), account.sectionId, changed.apply[0]!)).toMatchObject({ name, profiles: 0 });
  });

  it('is a separate change if somebody else made the last one', async () => {
    const [id, tagId] = [await create(unique()), await createTestTag(account.sectionId, `Tag ${randomUUID()}`)];
    await tagAs(account.admin, id, { apply: [tagId] });
    await tagAs(account.marketer, id, { remove: [tagId], undo: true });
    await tagAs(account.marketer, id, { apply: [tagId], undo: true });
    expect((await chip(id))!.by).toBe(account.admin.name);
    const other = await createTestTag(account.sectionId, `Tag ${randomUUID()}`);
    await tagAs(account.marketer, id, { apply: [other], undo: true });
    const tags = (await getProfile(pool(), account.sectionId, id))!.tags;
    expect(tags.find((tag) => tag.id === other)).toMatchObject({ source: 'user', by: account.marketer.name });
  });
});
