// Searching the audit log: text is taken literally, and days are whole days in UTC.
import { beforeAll, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { listAudit, type AuditFilter, type AuditPlace } from './queries';

let account: TestAccount;

const LINES = [
  ['2026-03-01T00:00:00Z', 'Renamed the tag “50% off” to “Sale”'],
  ['2026-03-01T23:59:59.999Z', 'Created the tag “50 euro off”'],
  ['2026-03-02T00:00:00Z', 'Hid the tag “a_b” for good'],
  ['2026-03-03T12:00:00Z', 'Hid the tag “a\\b” for good'],
] as const;

beforeAll(async () => {
  account = await createTestAccount();
  const other = await createTestAccount();
  // Written in another order than they happened in.
  for (const [at, summary] of LINES.toReversed()) {
    for (const { accountId, sectionId, admin } of [account, other]) {
      await execute(
        pool(),
        sql`
          insert into audit_entry (account_id, section_id, at, actor_kind, user_id, actor_name, command, summary)
          values (${accountId}, ${sectionId}, ${at}, 'user', ${admin.userId}, 'Anna', 'tags.test', ${summary})`,
      );
    }
  }
});

const found = async (filter: AuditFilter, page: { before?: AuditPlace; limit: number } = { limit: 10 }) =>
  (await listAudit(pool(), account.accountId, filter, page)).map(({ summary }) => summary);
const lines = (...indexes: number[]) => indexes.map((index) => LINES[index]![1]);

describe('the audit log', () => {
  it('lists the account’s own entries, newest first, page by page', async () => {
    expect(await found({})).toEqual(lines(3, 2, 1, 0));
    const [first, second] = await listAudit(pool(), account.accountId, {}, { limit: 2 });
    expect(await found({}, { before: second!, limit: 2 })).toEqual(lines(1, 0));
    const { name } = await one<{ name: string }>(pool(), sql`select name from section where id = ${account.sectionId}`);
    expect(first).toMatchObject({ section: name, actorName: 'Anna', command: 'tags.test', subject: null });
  });

  it('lists entries of the same moment once each', async () => {
    const { accountId } = await createTestAccount();
    await execute(
      pool(),
      sql`
        insert into audit_entry (account_id, at, actor_kind, actor_name, command, summary)
        select ${accountId}, '2026-03-01T00:00:00Z', 'system', 'Tagwell', 'test', n::text from generate_series(1, 5) n`,
    );
    const seen: string[] = [];
    let before: AuditPlace | undefined;
    for (let page = 0; page < 3; page++) {
      const entries = await listAudit(pool(), accountId, { to: '2026-03-01' }, { before, limit: 2 });
      seen.push(...entries.map(({ summary }) => summary));
      before = entries.at(-1);
    }
    expect(seen).toEqual(['5', '4', '3', '2', '1']);
  });

  it('searches for text literally, in any case, in actions and people', async () => {
    expect(await found({ text: '50% OFF' })).toEqual(lines(0));
    expect(await found({ text: 'a_b' })).toEqual(lines(2));
    expect(await found({ text: 'A\\B' })).toEqual(lines(3));
    expect(await found({ text: 'anna' })).toHaveLength(4);
    expect(await found({ text: 'TAGS.TEST' })).toHaveLength(4);
  });

  it('includes both days, in UTC, and filters by person', async () => {
    expect(await found({ from: '2026-03-01', to: '2026-03-01' })).toEqual(lines(1, 0));
    expect(await found({ from: '2026-03-02' })).toEqual(lines(3, 2));
    expect(await found({ to: '2026-03-02' })).toEqual(lines(2, 1, 0));
    expect(await found({ userId: account.admin.userId })).toHaveLength(4);
    expect(await found({ userId: account.owner.userId })).toEqual([]);
  });
});
