// The candidates of 'no tag at all' always include everyone without a tag, whatever has happened since they were noted.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { maybeOne, one, rows, sql } from '@/lib/db/sql';
import { erase } from '@/lib/people/erase';
import { deleteProfiles } from '@/lib/profiles/change';
import { changeProfileTags, createProfile } from '@/lib/profiles/commands';
import { countProfiles, listInOrder } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { NEWEST_FIRST } from '@/lib/profiles/sort-schema';
import { keepUndone, recreateUndone } from '@/lib/profiles/undone';
import { openRules } from '@/lib/segments/definitions';
import { countMembers } from '@/lib/segments/members';
import { membersIn, noneOf, rulesOf, tagProfiles, valueOf } from '@/testing/segments';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { hold } from '@/testing/races';
import { changeTags, wantedForOne } from './change';
import { hideTag } from './commands';
import { NOTE_TASK, noteUntagged, untaggedCandidates } from './untagged';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Untagged');
  profiles = await createTestProfiles(sectionId, 4);
  tagId = await createTestTag(sectionId, 'VIP');
  await tagProfiles(sectionId, profiles.slice(1), { apply: [tagId] });
});

const note = (limits: Parameters<typeof noteUntagged>[0] = {}) => noteUntagged({ large: 1, renewAfter: 1, ...limits });
const requested = () => rows(pool(), sql`select from graphile_worker.jobs where key = ${`${NOTE_TASK}:${sectionId}`}`);
const candidates = async () => (await untaggedCandidates(pool(), sectionId))?.sort((left, right) => left - right);
const filter = ProfileFilterSchema.parse({ untagged: true });

/** Those without a tag, as the list, its count and segments say; which agree with what the tables say. */
async function untagged(): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    pool(),
    sql`
      select id from profile
      where section_id = ${sectionId} and id not in (
        select held.profile_id from profile_tag held
        join tag on tag.section_id = ${sectionId} and tag.id = held.tag_id and tag.hidden_at is null
        where held.section_id = ${sectionId}
      )
      order by id`,
  );
  const ids = found.map(({ id }) => id);
  const page = await listInOrder(pool(), sectionId, filter, NEWEST_FIRST);
  expect(page!.profiles.map(({ id }) => id)).toEqual(ids.toReversed());
  expect(await countProfiles(pool(), sectionId, filter)).toBe(ids.length);
  const none = { kind: 'profile', test: 'has_no_tag' } as const;
  expect(await membersIn(sectionId, rulesOf(none))).toEqual(ids);
  const opened = { rules: rulesOf(none), definitions: await openRules(pool(), sectionId, rulesOf(none)) };
  expect(await countMembers(pool(), sectionId, opened)).toBe(ids.length);
  const some = await membersIn(sectionId, rulesOf(noneOf(none)));
  expect(some.filter((id) => ids.includes(id))).toEqual([]);
  const known = await candidates();
  if (known) expect(ids.filter((id) => !known.includes(id))).toEqual([]);
  return ids;
}

const change = async (profileId: ProfileId, tags: { apply?: TagId[]; remove?: TagId[] }) =>
  valueOf(await changeProfileTags(account.admin, { sectionId, profileId, ...tags }));

async function create(key: string): Promise<ProfileId> {
  const keys = [{ keyspaceId: account.keyspaces.crm_id, key }];
  return valueOf(await createProfile(account.admin, { sectionId, keys, attributes: {} })).id;
}

describe('without a note, who has no tag', () => {
  it('is counted by the applications where they are few, and by the profiles where they are many', async () => {
    expect(await untagged()).toEqual([profiles[0]]);
    const other = await createTestTag(sectionId, 'Other');
    for (const id of profiles.slice(2)) await change(id, { remove: [tagId] });
    await change(profiles[0]!, { apply: [other] });
    await createTestProfiles(sectionId, 6);
    expect(await untagged()).toHaveLength(8);
    valueOf(await hideTag(account.admin, { sectionId, tagId: other }));
    expect(await untagged()).toHaveLength(9);
  });
});

describe('the note of who has no tag', () => {
  it('names few where few have none, and finds those who changed since', async () => {
    expect(await candidates()).toBeUndefined();
    await note();
    expect(await candidates()).toEqual([profiles[0]]);
    await change(profiles[0]!, { apply: [tagId] });
    expect(await untagged()).toEqual([]);
    await change(profiles[2]!, { remove: [tagId] });
    const added = await create('added');
    expect(await candidates()).toEqual([profiles[0], profiles[2], added]);
    expect(await untagged()).toEqual([profiles[2], added]);
    await note();
    expect(await candidates()).toEqual([profiles[2], added]);
  });

  it('finds those whose tag has been hidden since', async () => {
    const other = await createTestTag(sectionId, 'Other');
    await change(profiles[0]!, { apply: [other] });
    await note();
    expect(await untagged()).toEqual([]);
    valueOf(await hideTag(account.admin, { sectionId, tagId }));
    expect(await requested()).toHaveLength(1);
    expect(await untagged()).toEqual(profiles.slice(1));
    await note({ renewAfter: 1_000 });
    expect(await candidates()).toEqual(profiles.slice(1));
    await change(profiles[0]!, { remove: [other] });
    expect(await untagged()).toEqual(profiles);
  });

  it('forgets nobody when people are erased, or tagged and untagged again and again', async () => {
    for (let round = 0; round < 6; round++) {
      if (round % 3 === 0) await note();
      for (const [place, id] of profiles.entries()) {
        const tags = (place + round) % 2 === 0 ? { apply: [tagId] } : { remove: [tagId] };
        await change(id, tags);
      }
      await untagged();
    }
    const cause = { sectionId, userId: null, apiKeyId: null };
    const erasing = await hold((tx) => erase(tx, cause, [profiles[0]!]));
    await erasing.commit();
    await untagged();
  });

  it('waits for who took an id before it, and is left as it was if that takes long', async () => {
    const removing = await hold((tx) =>
      changeTags(
        tx,
        { sectionId, source: 'user', userId: null },
        wantedForOne(profiles[3]!, { apply: [], remove: [tagId] }),
      ),
    );
    await note({ waitMs: 60 });
    expect(await candidates()).toBeUndefined();
    const noting = note();
    await removing.commit();
    await noting;
    expect(await candidates()).toEqual([profiles[0], profiles[3]]);
    expect(await untagged()).toEqual([profiles[0], profiles[3]]);
  });

  it('is given up when somebody comes back under an id from before it', async () => {
    const { operationId } = await one<{ operationId: OperationId }>(
      pool(),
      sql`insert into operation (section_id, kind, summary, input) values (${sectionId}, 'undo', 'Undo', '{}')
          returning id as "operationId"`,
    );
    await transaction(async (tx) => {
      const profile = sql`select ${profiles[0]}::bigint as profile_id`;
      await keepUndone(tx, { sectionId, operationId }, profile);
      await deleteProfiles(tx, sectionId, profile);
    });
    await note();
    expect(await candidates()).toEqual([]);
    const cause = { sectionId, source: 'undo' as const, userId: null };
    const returning = await hold((tx) => recreateUndone(tx, cause, [operationId], { after: 0, limit: 10 }));
    const noting = note({ renewAfter: 0 });
    await returning.commit();
    await noting;
    expect(await untagged()).toEqual([profiles[0]]);
    await note();
    expect(await candidates()).toEqual([profiles[0]]);
  });

  it('is made for large sections in which something has changed, and no others', async () => {
    const noted = () =>
      maybeOne<{ last: number }>(pool(), sql`select last_change as last from untagged where section_id = ${sectionId}`);
    await note({ large: 5 });
    expect(await noted()).toBeUndefined();
    await note();
    const first = await noted();
    await change(profiles[0]!, { apply: [tagId] });
    await note({ renewAfter: 2 });
    expect(await noted()).toEqual(first);
    await change(profiles[1]!, { remove: [tagId] });
    await note({ renewAfter: 2 });
    expect((await noted())!.last).toBeGreaterThan(first!.last);
  });
});
