// Merging tags that lists claim: a list's claim stays that list's claim, so that its next sync can end it.
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimHolderId, OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { changeTags, changeClaims, wantedClaims, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { claimProfiles, makeHolder, tagProfiles, valueOf } from '@/testing/segments';
import { expectInvariants } from '@/testing/invariants';
import { mergeTags } from './merge-tag';

let account: TestAccount;
let sectionId: SectionId;
let a: TagId;
let b: TagId;
let list: ClaimHolderId;
let other: ClaimHolderId;
let people: ProfileId[];

beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  a = await createTestTag(sectionId, 'A');
  b = await createTestTag(sectionId, 'B');
  list = await makeHolder(sectionId, 'Trade Show 2025');
  other = await makeHolder(sectionId, 'Newsletter');
  people = await createTestProfiles(sectionId, 3);
});
afterAll(() => expectInvariants());

const startMerge = async () => valueOf(await mergeTags(account.admin, { sectionId, fromId: a, intoId: b })).operationId;
const finish = (operationId: OperationId) => runToEnd(sectionId, operationId);
const merge = async () => finish(await startMerge());

/** Who holds B on a profile: 'direct', and lists by name, with 'off' if suppressed. Null: it does not have B. */
async function holdersOfB(profileId: ProfileId): Promise<string[] | null> {
  const [held] = await rows<{ direct: boolean }>(
    pool(),
    sql`select direct from profile_tag where section_id = ${sectionId} and tag_id = ${b} and profile_id = ${profileId}`,
  );
  const claims = await rows<{ name: string; suppressed: boolean }>(
    pool(),
    sql`
      select name, suppressed from tag_claim
      join claim_holder on claim_holder.section_id = tag_claim.section_id and claim_holder.id = holder_id
      where tag_claim.section_id = ${sectionId} and tag_id = ${b} and profile_id = ${profileId}
      order by holder_id`,
  );
  const names = claims.map(({ name, suppressed }) => (suppressed ? `${name} off` : name));
  if (!held && names.length === 0) return null;
  return [...(held ? [] : ['not there']), ...(held?.direct ? ['direct'] : []), ...names];
}

const claim = (some: ProfileId[], holderId = list, tagId = a, apply = true) =>
  claimProfiles(sectionId, some, { tagId, holderId, apply });

/** Profiles to which an earlier step of the merge applied B, before somebody changed A. */
async function earlierStep(operationId: OperationId, give: { direct?: ProfileId[]; claimed?: ProfileId[] }) {
  const cause = { sectionId, source: 'merge' as const, userId: null, operationId };
  const ids = (some: ProfileId[] = []) => sql`select unnest(${some}::bigint[]) as profile_id`;
  await transaction(async (tx) => {
    await changeTags(tx, cause, wantedFor(ids(give.direct), { apply: [b], remove: [] }));
    const claims = sql`
      select profile_id, ${b}::int as tag_id, ${list}::int as holder_id, true as apply from (${ids(give.claimed)}) given`;
    await changeClaims(tx, cause, wantedClaims(claims));
  });
}

describe('a merge of A into B', () => {
  it('keeps a list’s claim as a claim, a direct tag as direct, and both as both', async () => {
    const [claimed, direct, both] = people as [ProfileId, ProfileId, ProfileId];
    await claim([claimed, both]);
    await tagProfiles(sectionId, [direct, both], { apply: [a] });
    expect(await merge()).toMatchObject({ applied: 3, already: 0 });
    expect(await holdersOfB(claimed)).toEqual(['Trade Show 2025']);
    expect(await holdersOfB(direct)).toEqual(['direct']);
    expect(await holdersOfB(both)).toEqual(['direct', 'Trade Show 2025']);
    // The list ends all of its claims.
    await claim([claimed, both], list, b, false);
    expect(await holdersOfB(claimed)).toBeNull();
    expect(await holdersOfB(both)).toEqual(['direct']);
  });

  it('adds the claim to profiles that have B already, and counts these', async () => {
    const [byHand, byOther] = people as [ProfileId, ProfileId];
    await tagProfiles(sectionId, [byHand], { apply: [b] });
    await claim([byOther], other, b);
    await claim([byHand, byOther]);
    expect(await merge()).toMatchObject({ applied: 0, already: 2 });
    expect(await holdersOfB(byHand)).toEqual(['direct', 'Trade Show 2025']);
    expect(await holdersOfB(byOther)).toEqual(['Trade Show 2025', 'Newsletter']);
  });

  it('keeps claims suppressed that somebody suppressed, on A or on B', async () => {
    const [tookA, tookB, again] = people as [ProfileId, ProfileId, ProfileId];
    await claim([tookA, tookB, again]);
    await claim([tookB], list, b);
    await tagProfiles(sectionId, [tookA, again], { remove: [a] });
    await tagProfiles(sectionId, [again], { apply: [a] });
    await tagProfiles(sectionId, [tookB], { remove: [b] });
    await merge();
    expect(await holdersOfB(tookA)).toEqual(['not there', 'Trade Show 2025 off']);
    expect(await holdersOfB(tookB)).toEqual(['not there', 'Trade Show 2025 off']);
    expect(await holdersOfB(again)).toEqual(['direct', 'Trade Show 2025 off']);
    // The next sync does not apply it.
    await claim([tookA], list, b);
    expect(await holdersOfB(tookA)).toEqual(['not there', 'Trade Show 2025 off']);
  });

  it('removes B again where A was removed since an earlier step, by its list or by a person', async () => {
    const [ended, taken, halved] = people as [ProfileId, ProfileId, ProfileId];
    await claim(people);
    await tagProfiles(sectionId, [halved], { apply: [a] });
    const operationId = await startMerge();
    await earlierStep(operationId, { direct: [halved], claimed: people });
    await claim([ended, halved], list, a, false);
    await tagProfiles(sectionId, [taken], { remove: [a] });
    await execute(
      pool(),
      sql`update operation set cursor = 1000000 where section_id = ${sectionId} and id = ${operationId}`,
    );
    await finish(operationId);
    expect(await holdersOfB(ended)).toBeNull();
    expect(await holdersOfB(taken)).toEqual(['not there', 'Trade Show 2025 off']);
    expect(await holdersOfB(halved)).toEqual(['direct']);
  });

  it('keeps B for the list that claims it, when A is removed', async () => {
    const [ann] = people as [ProfileId];
    await claim([ann], other, b);
    await tagProfiles(sectionId, [ann], { apply: [a] });
    const operationId = await startMerge();
    await earlierStep(operationId, { direct: [ann] });
    await tagProfiles(sectionId, [ann], { remove: [a] });
    await finish(operationId);
    expect(await holdersOfB(ann)).toEqual(['Newsletter']);
  });

  it('lets lists claim B that start to claim A during the merge', async () => {
    const operationId = await startMerge();
    await claim([people[0]!]);
    await finish(operationId);
    expect(await holdersOfB(people[0]!)).toEqual(['Trade Show 2025']);
    const { open } = await one<{ open: boolean }>(
      pool(),
      sql`select has_claims as open from tag where section_id = ${sectionId} and id = ${b}`,
    );
    expect(open).toBe(true);
  });
});
