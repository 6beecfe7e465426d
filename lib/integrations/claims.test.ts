// What people see of tags that lists hold, and what they do about them.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createByKey } from '@/lib/clients/one-profile';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { readHeldTags } from '@/lib/operations/reads';
import { changeProfileTags } from '@/lib/profiles/commands';
import { readProfile } from '@/lib/profiles/reads';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';

let account: TestAccount;
let shop: TestConnection;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
afterAll(expectInvariants);
beforeEach(async () => {
  account = await createTestAccount();
  shop = await TestConnection.open(account, account.sectionId);
});
afterEach(() => shop.stop());

const email = (person: number) => `p${person}@example.org`;

/** People with profiles and contacts. */
async function people(count: number): Promise<{ profiles: ProfileId[]; contacts: string[] }> {
  const profiles: ProfileId[] = [];
  const contacts: string[] = [];
  for (let person = 0; person < count; person += 1) {
    const of = { sectionId: shop.sectionId, keyspaceId: account.keyspaces.email };
    profiles.push(valueOf(await createByKey(account.system, { ...of, key: email(person) })).id);
    contacts.push(shop.crm.world.addContact({ email: email(person) }));
  }
  return { profiles, contacts };
}

/** A list that has been synced once. */
async function synced(name: string, contacts: readonly string[]): Promise<{ list: string; tagId: TagId }> {
  const list = shop.crm.world.addList(name, contacts);
  const listId = await shop.keep(list, name);
  await shop.first();
  const { tagId } = await one<{ tagId: TagId }>(
    pool(),
    sql`select tag_id as "tagId" from connection_list where section_id = ${shop.sectionId} and id = ${listId}`,
  );
  return { list, tagId };
}

const change = async (profileId: ProfileId, input: object, actor = account.marketer) =>
  valueOf(await changeProfileTags(actor, { sectionId: shop.sectionId, profileId, ...input }));

const chips = async (profileId: ProfileId, actor = account.marketer) =>
  valueOf(await readProfile(actor, { sectionId: shop.sectionId, profileId: String(profileId) })).tags;

const claimsOf = (profileId: ProfileId) =>
  rows<{ suppressed: boolean }>(
    pool(),
    sql`
      select suppressed from tag_claim
      where section_id = ${shop.sectionId} and profile_id = ${profileId}
      order by holder_id`,
  );

describe('a tag on a person', () => {
  it('says which lists hold it, and where else it was set; only Admins see which connection', async () => {
    const { profiles, contacts } = await people(1);
    const { tagId } = await synced('Trade Show', contacts);
    const [person] = profiles as [ProfileId];
    expect(await chips(person, account.admin)).toMatchObject([
      { lists: [{ name: 'Shop: Trade Show', connectionId: shop.id }], alsoSet: null },
    ]);
    await change(person, { apply: [tagId] });
    expect(await chips(person)).toMatchObject([
      { source: 'integration', lists: [{ name: 'Shop: Trade Show', connectionId: null }], alsoSet: 'user' },
    ]);
  });

  it('that somebody removes and brings back is held by the same list as before', async () => {
    const { profiles, contacts } = await people(2);
    const { list, tagId } = await synced('Trade Show', contacts);
    const [person, other] = profiles as [ProfileId, ProfileId];
    await change(other, { apply: [tagId] });
    const before = await chips(person);
    for (const id of profiles) await change(id, { remove: [tagId] });
    expect(await claimsOf(person)).toEqual([{ suppressed: true }]);
    for (const id of profiles) await change(id, { apply: [tagId], undo: true });
    expect(await chips(person)).toEqual(before);
    expect(await claimsOf(person)).toEqual([{ suppressed: false }]);
    shop.crm.world.removeMembers(list, contacts);
    await shop.sync();
    expect(await shop.tagged('Trade Show')).toEqual([email(1)]);
  });

  it('stays if a list has claimed it since the change that is taken back', async () => {
    const { profiles, contacts } = await people(2);
    const { list, tagId } = await synced('Trade Show', contacts.slice(0, 1));
    const other = profiles[1]!;
    await change(other, { apply: [tagId] });
    shop.crm.world.addMembers(list, [contacts[1]!]);
    await shop.sync();
    await change(other, { remove: [tagId], undo: true });
    expect(await chips(other)).toMatchObject([{ id: tagId, lists: [{ name: 'Shop: Trade Show' }], alsoSet: null }]);
  });
});

describe('before a bulk removal', () => {
  it('it is known how many have the tag from a list', async () => {
    const { profiles, contacts } = await people(3);
    const { tagId } = await synced('Trade Show', contacts.slice(0, 2));
    await change(profiles[2]!, { apply: [tagId] });
    const asked = { sectionId: shop.sectionId, tagIds: [tagId] };
    const all = { kind: 'all' as const, filter: {} };
    expect(valueOf(await readHeldTags(account.marketer, { ...asked, selection: all }))).toEqual([
      { tagId, profiles: 2, lists: [{ name: 'Shop: Trade Show' }] },
    ]);
    const some = { kind: 'ids' as const, ids: profiles.slice(1) };
    expect(valueOf(await readHeldTags(account.marketer, { ...asked, selection: some }))).toMatchObject([
      { profiles: 1 },
    ]);
  });
});
