// The checker finds violations, and none in valid data.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';
import { changeProfileTags } from '@/lib/profiles/commands';
import { importFile } from '@/testing/imports';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hold } from '@/testing/races';
import { checkDatabase } from './check';

let account: TestAccount;
let sectionId: SectionId;
let profileId: ProfileId;
let tagId: TagId;

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  [profileId] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
  tagId = await createTestTag(sectionId, 'Checked');
  await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId] });
  await importFile(account, 'Email\nann@example.com\nbo@example.com', { apply: [tagId] });
});

/** The rules that a statement violates; the statement is rolled back. */
async function brokenBy(statement: Sql): Promise<string[]> {
  await execute(pool(), statement);
  return (await checkDatabase()).map(({ rule }) => rule);
}

const BREAKS: [rule: string, broken: () => Sql, mended: () => Sql][] = [
  [
    'The count of a tag is the number of profiles that have it',
    () => sql`insert into tag_count (section_id, tag_id, slot, profiles) values (${sectionId}, ${tagId}, -1, 1)`,
    () => sql`delete from tag_count where slot = -1`,
  ],
  [
    'The days of a tag add up to the number of profiles that have it',
    () => sql`insert into tag_day (section_id, tag_id, day, source, slot, applied, removed)
              values (${sectionId}, ${tagId}, '2026-01-01', 1, -1, 0, 1)`,
    () => sql`delete from tag_day where slot = -1`,
  ],
  [
    'The count of profiles is the number of profiles',
    () => sql`insert into profile_count (section_id, slot, profiles) values (${sectionId}, -1, 1)`,
    () => sql`delete from profile_count where slot = -1`,
  ],
  [
    'Claims are on profiles that are there',
    () => sql`with list as (insert into claim_holder (section_id, name) values (${sectionId}, 'List') returning id)
              insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed)
              select ${sectionId}, ${tagId}, 999999, id, true from list`,
    () => sql`delete from tag_claim`,
  ],
  [
    'A tag that nobody set directly is held by a list’s claim',
    () => sql`update profile_tag set direct = false where profile_id = ${profileId}`,
    () => sql`update profile_tag set direct = true where profile_id = ${profileId}`,
  ],
  [
    'Profile keys are stored in their normalised form',
    () => sql`update profile_key set key = 'Ann@Example.com' where key = 'ann@example.com'`,
    () => sql`update profile_key set key = 'ann@example.com' where key = 'Ann@Example.com'`,
  ],
  [
    'An operation has an end exactly when it has ended',
    () => sql`update operation set finished_at = null where section_id = ${sectionId}`,
    () => sql`update operation set finished_at = now() where section_id = ${sectionId}`,
  ],
  [
    'The applied and removed counts of an operation match the ledger',
    () => sql`update operation set counts = counts || '{"applied": 3}' where section_id = ${sectionId}`,
    () => sql`update operation set counts = counts || '{"applied": 2}' where section_id = ${sectionId}`,
  ],
  [
    'The rows of an import are new, updated, unchanged, left out, rejected or repeated',
    () => sql`update operation set counts = counts || '{"rows": 3}' where section_id = ${sectionId}`,
    () => sql`update operation set counts = counts || '{"rows": 2}' where section_id = ${sectionId}`,
  ],
  [
    'Nothing is kept of the file of an import that is done, but the rows that were rejected',
    () => sql`insert into import_chunk (section_id, import_id, original, seq, bytes)
              select section_id, id, false, 0, '' from import where section_id = ${sectionId}`,
    () => sql`delete from import_chunk`,
  ],
  [
    'Operations name users of the account',
    () => sql`update operation set user_id = 999999 where section_id = ${sectionId}`,
    () => sql`update operation set user_id = ${account.admin.userId} where section_id = ${sectionId}`,
  ],
];

describe('the checker', () => {
  it('finds nothing in valid data', async () => {
    expect(await checkDatabase()).toEqual([]);
  });

  it.each(BREAKS)('%s', async (rule, broken, repaired) => {
    expect(await brokenBy(broken())).toContain(rule);
    await execute(pool(), repaired());
    expect(await checkDatabase()).toEqual([]);
  });

  it('reports how often a rule is violated, and where', async () => {
    const lost = (tx: Tx) =>
      execute(tx, sql`delete from profile_tag where section_id = ${sectionId} and profile_id = ${profileId}`);
    await (await hold(lost)).commit();
    const found = await checkDatabase();
    expect(found.find(({ rule }) => rule.startsWith('A profile has a tag exactly when'))).toEqual({
      sectionId,
      rule: 'A profile has a tag exactly when the last visible change in the ledger applied it',
      offenders: 1,
      examples: [`profile ${profileId}, tag ${tagId}: the ledger says applied`],
    });
  });
});
