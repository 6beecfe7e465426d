import { beforeAll, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { lostParts } from './lost-parts';

let account: TestAccount;
let sectionId: SectionId;

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = await createTestSection(account.accountId, 'Lost');
});

it('says which visible tag a merged one became, also over several merges, and none if that is hidden', async () => {
  const [lead, prospect, customer, fair, visit, kept] = await Promise.all(
    ['Lead', 'Prospect', 'Customer', 'Fair', 'Visit', 'Kept'].map((name) => createTestTag(sectionId, name)),
  );
  const merged = async (from: number, into: number) =>
    execute(
      pool(),
      sql`update tag set hidden_at = now(), merged_into = ${into} where section_id = ${sectionId} and id = ${from}`,
    );
  await merged(lead!, prospect!);
  await merged(prospect!, customer!);
  await merged(fair!, visit!);
  valueOf(await hideTag(account.admin, { sectionId, tagId: visit! }));
  const parts = await lostParts(pool(), sectionId, { tagIds: [lead!, prospect!, fair!, visit!, kept!], codes: [] });
  const became = { id: customer, name: 'Customer' };
  expect(parts).toMatchObject([
    { id: lead, replacedBy: became, reason: 'The tag “Lead” was merged into “Customer”.' },
    { id: prospect, replacedBy: became },
    { id: fair, replacedBy: null, reason: 'The tag “Fair” was merged into “Visit”, which is hidden.' },
    { id: visit, replacedBy: null },
  ]);
  expect(parts).toHaveLength(4);
});
