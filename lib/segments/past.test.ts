// The past according to the ledger: at the current moment it equals the present; between two moments, it shows who
// joined and left.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClaimHolderId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { undoOperation } from '@/lib/activity/commands';
import { mergeTags } from '@/lib/operations/merge-tag';
import { eraseProfile } from '@/lib/people/erase';
import { changeProfileTags } from '@/lib/profiles/commands';
import type { Source } from '@/lib/tags/source';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import {
  allOf,
  anyOf,
  claimProfiles,
  hasNotTag,
  hasTag,
  makeHolder,
  membersIn,
  mergeProfiles,
  onTag,
  rulesOf,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { openRules } from './definitions';
import { difference, listDifference } from './members';
import type { RuleNode, TagCondition } from './schema';

let account: TestAccount;
let sectionId: SectionId;
let tags: TagId[];
let holders: ClaimHolderId[];
let profiles: ProfileId[];
beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  tags = [await createTestTag(sectionId, 'A'), await createTestTag(sectionId, 'B')];
  holders = [await makeHolder(sectionId), await makeHolder(sectionId)];
  profiles = await createTestProfiles(sectionId, 6);
  await pause(5);
});

/** Every condition on a tag whose result does not depend on the time. */
const conditions = (): RuleNode[] =>
  tags.flatMap((tagId) => [
    hasTag(tagId),
    hasNotTag(tagId),
    onTag(tagId, { test: 'got' }),
    onTag(tagId, { test: 'lost' }),
    ...[...holders, null].map((holderId) => onTag(tagId, { test: 'held_by', holderId })),
    ...(['user', 'bulk', 'integration', 'merge'] as const).map((source) => onTag(tagId, { source })),
  ]);

/** At this moment, the ledger agrees with the tables. */
async function expectPresent(): Promise<void> {
  // Times are stored in milliseconds, rounded.
  await pause(5);
  for (const node of conditions()) {
    const then = await membersIn(sectionId, rulesOf(node), { at: new Date() });
    expect({ node, members: then }).toEqual({ node, members: await membersIn(sectionId, rulesOf(node)) });
  }
}

const claim = (tagId: TagId, holderId: ClaimHolderId, some: readonly ProfileId[], apply = true) =>
  claimProfiles(sectionId, some, { tagId, holderId, apply });
describe('as of this moment', () => {
  it('tags equal the current ones, after changes by hand, by lists, in bulk, undone, and an erasure', async () => {
    const [a, b] = tags as [TagId, TagId];
    const [first, second] = holders as [ClaimHolderId, ClaimHolderId];
    await tagProfiles(sectionId, profiles.slice(0, 3), { apply: [a] });
    await claim(a, first, profiles.slice(2, 5));
    await claim(a, second, profiles.slice(3, 6));
    await claim(b, first, profiles.slice(0, 2));
    await expectPresent();
    // Removed by hand: the lists' claims are suppressed. Then one list ends its claim.
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[3], remove: [a] });
    await claim(a, first, profiles.slice(3, 5), false);
    await expectPresent();
    const bulk = { sectionId, selection: { kind: 'ids', ids: profiles.slice(1, 5) }, apply: [b], remove: [a] };
    const { operationId } = valueOf(await bulkTag(account.admin, bulk));
    await runToEnd(sectionId, operationId);
    await expectPresent();
    const { undoId } = valueOf(await undoOperation(account.admin, { sectionId, operationId }));
    await runToEnd(sectionId, undoId);
    await expectPresent();
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: profiles[4] }));
    await expectPresent();
  });

  it('tags equal the current ones, after a merge of tags', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 3), { apply: [tags[0]!] });
    await tagProfiles(sectionId, profiles.slice(2, 4), { apply: [tags[1]!] });
    const { operationId } = valueOf(await mergeTags(account.admin, { sectionId, fromId: tags[0]!, intoId: tags[1]! }));
    await runToEnd(sectionId, operationId);
    tags = [tags[1]!];
    await expectPresent();
  });

  it('tags equal the current ones, after a merge of profiles', async () => {
    const [into, from, both] = profiles as [ProfileId, ProfileId, ProfileId];
    await tagProfiles(sectionId, [from, both], { apply: [tags[0]!] });
    await tagProfiles(sectionId, [into, from], { apply: [tags[1]!] });
    await mergeProfiles(account, sectionId, { into, from });
    await expectPresent();
  });

  it('the tags held by lists equal the current ones, after a merge of profiles', async () => {
    const [into, from, other] = profiles as [ProfileId, ProfileId, ProfileId];
    await claim(tags[0]!, holders[0]!, [from, other]);
    await claim(tags[1]!, holders[0]!, [into, from]);
    await claim(tags[1]!, holders[1]!, [from]);
    await mergeProfiles(account, sectionId, { into, from });
    await expectPresent();
  });

  it('tags have the last source, after a merge of profiles that had them from several sources', async () => {
    const [into, from, other] = profiles as [ProfileId, ProfileId, ProfileId];
    const [a, b] = tags as [TagId, TagId];
    await tagProfiles(sectionId, [into, other], { apply: [a] }, { source: 'bulk' });
    await tagProfiles(sectionId, [from], { apply: [a, b] });
    await mergeProfiles(account, sectionId, { into, from });
    await expectPresent();
    await tagProfiles(sectionId, [into], { remove: [a, b] });
    await tagProfiles(sectionId, [into], { apply: [b] }, { source: 'bulk' });
    await expectPresent();
  });
});

describe('a past moment', () => {
  it('has the tags of profiles that were merged since, with their sources', async () => {
    const [into, from, other] = profiles as [ProfileId, ProfileId, ProfileId];
    const [tagId] = tags as [TagId];
    const days = (ago: number) => new Date(Date.now() - ago * 86_400_000);
    await execute(pool(), sql`update profile set created_at = ${days(90)} where section_id = ${sectionId}`);
    const tag = (who: ProfileId, source: Source, ago: number, change: { apply?: TagId[]; remove?: TagId[] }) =>
      tagProfiles(sectionId, [who], change, { source, at: days(ago) });
    await tag(from, 'import', 60, { apply: [tagId] });
    await tag(other, 'user', 50, { apply: [tagId] });
    await tag(into, 'user', 40, { apply: [tagId] });
    await tag(into, 'user', 20, { remove: [tagId] });
    await mergeProfiles(account, sectionId, { into, from });
    const membersAt = async (ago: number, more: Partial<TagCondition>) =>
      membersIn(sectionId, rulesOf(onTag(tagId, more)), ago === 0 ? undefined : { at: days(ago) });
    const cases: [number, ProfileId[], ProfileId[], ProfileId[]][] = [
      [70, [], [], []],
      [55, [into], [into], []],
      [45, [into, other], [into], [other]],
      // Both had it: the last source counts.
      [30, [into, other], [], [into, other]],
      // One had lost it by then; the other still had it.
      [10, [into, other], [into], [other]],
    ];
    for (const [ago, has, fromImports, byHand] of cases) {
      expect({ ago, has: await membersAt(ago, {}) }).toEqual({ ago, has });
      expect({ ago, from: await membersAt(ago, { source: 'import' }) }).toEqual({ ago, from: fromImports });
      expect({ ago, by: await membersAt(ago, { source: 'user' }) }).toEqual({ ago, by: byHand });
      const not = profiles.filter((id) => id !== from && !fromImports.includes(id));
      expect({ ago, not: await membersAt(ago, { test: 'has_not', source: 'import' }) }).toEqual({ ago, not });
    }
    expect(await membersAt(0, { source: 'merge' })).toEqual([into]);
  });
});

describe('between two moments', () => {
  it('those who joined and left are the difference of the two', async () => {
    const [a, b] = tags as [TagId, TagId];
    const moments: Date[] = [new Date()];
    const next = async () => {
      await pause(5);
      moments.push(new Date());
      await pause(5);
    };
    await tagProfiles(sectionId, profiles.slice(0, 4), { apply: [a] });
    await next();
    await tagProfiles(sectionId, profiles.slice(2, 6), { apply: [a, b] });
    await tagProfiles(sectionId, profiles.slice(0, 1), { remove: [a] });
    await next();
    profiles.push(...(await createTestProfiles(sectionId, 2)));
    await tagProfiles(sectionId, profiles.slice(3, 5), { remove: [a] });
    await next();
    for (const node of [hasTag(a), hasNotTag(a), allOf(hasTag(a), hasNotTag(b)), anyOf(hasNotTag(a), hasTag(b))]) {
      const rules = rulesOf(node);
      const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
      for (const from of moments) {
        for (const to of moments.filter((moment) => moment >= from)) {
          const before = await membersIn(sectionId, rules, { at: from });
          const after = await membersIn(sectionId, rules, { at: to });
          const came = after.filter((id) => !before.includes(id));
          const went = before.filter((id) => !after.includes(id));
          expect(await difference(pool(), sectionId, opened, { from, to })).toEqual({
            before: before.length,
            after: after.length,
            came: came.length,
            went: went.length,
          });
          for (const [which, ids] of [
            ['came', came],
            ['went', went],
          ] as const) {
            const page = await listDifference(pool(), sectionId, opened, { from, to, which });
            expect(page.profiles.map(({ id }) => id)).toEqual([...ids].reverse());
          }
        }
      }
    }
  });
});
