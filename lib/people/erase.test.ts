// Erasing a person leaves no trace of them.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { changeProfileTags, createProfile } from '@/lib/profiles/commands';
import { getProfile } from '@/lib/profiles/queries';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { causeOf, erase, eraseProfile } from './erase';

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

describe('erasing a person', () => {
  it('leaves no trace of the key, and the ledger’s counts unchanged', async () => {
    const email = unique();
    const id = await create(email, { lastname: 'Erased' });
    const [tagId, hidden] = [
      await createTestTag(account.sectionId, 'Counted'),
      await createTestTag(account.sectionId, 'Hidden one'),
    ];
    await changeProfileTags(account.marketer, { sectionId: account.sectionId, profileId: id, apply: [tagId, hidden] });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${hidden}`);
    const upload = await one<{ id: number }>(
      pool(),
      sql`insert into import (section_id, file_name, status) values (${account.sectionId}, 'f.csv', 'mapping') returning id`,
    );
    await execute(
      pool(),
      sql`insert into import_row (section_id, import_id, row, line, cells) values (${account.sectionId}, ${upload.id}, 1, 2, ${['x', ` ${email.toUpperCase()}`]})`,
    );
    await execute(
      pool(),
      sql`insert into import_reject (section_id, import_id, row, line, cells, reason, key)
          values (${account.sectionId}, ${upload.id}, 1, 2, ${['x', 'y']}, 'wrong', ${email})`,
    );
    const dryRun = await one<{ id: number }>(
      pool(),
      sql`insert into operation (section_id, kind, summary, input, status, finished_at, result)
          values (${account.sectionId}, 'dry_run', 'Dry run', '{}', 'done', now(), ${JSON.stringify({ created: [{ line: 2, key: email }] })})
          returning id`,
    );
    await execute(
      pool(),
      sql`insert into undo_exception (section_id, operation_id, profile_id, reason)
          values (${account.sectionId}, ${dryRun.id}, ${id}, 'changed_since')`,
    );
    const ledger = () =>
      one(pool(), sql`select count(*) as rows, sum(applied) as applied from tag_day where tag_id = ${tagId}`);
    const before = await ledger();

    expect(await eraseProfile(account.marketer, { sectionId: account.sectionId, profileId: id })).toMatchObject({
      ok: true,
    });

    expect(await getProfile(pool(), account.sectionId, id)).toBeUndefined();
    expect(await ledger()).toMatchObject({ applied: (before as { applied: string }).applied });
    const entries = await rows(pool(), sql`select profile_id from tag_change where tag_id = ${tagId}`);
    expect(entries).toEqual([{ profile_id: null }, { profile_id: null }]);
    expect(await tablesWith(email)).toEqual([]);
    const counted = await one(
      pool(),
      sql`select sum(profiles)::int as profiles from tag_count where tag_id = ${tagId}`,
    );
    expect(counted).toEqual({ profiles: 0 });
  });

  it('deletes file rows that spell the key in capitals or write the number differently', async () => {
    const id = await create(unique());
    const add = (kind: 'crm_id' | 'mobile', key: string) =>
      execute(
        pool(),
        sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
            values (${account.sectionId}, ${account.keyspaces[kind]}, ${key}, ${id})`,
      );
    await add('crm_id', 'Lime-AB17');
    await add('mobile', '46701234567');
    const upload = await one<{ id: number }>(
      pool(),
      sql`insert into import (section_id, file_name, status) values (${account.sectionId}, 'f.csv', 'mapping') returning id`,
    );
    const rowsOf = (...cells: string[]) =>
      Promise.all(
        cells.map((cell, index) =>
          execute(
            pool(),
            sql`insert into import_row (section_id, import_id, row, line, cells)
                values (${account.sectionId}, ${upload.id}, ${index}, ${index}, ${[cell]})`,
          ),
        ),
      );
    await rowsOf('Lime-AB17', 'lime-ab17 ', '070-123 45 67', '0046 70 123 45 67', '+46 70 765 43 21');
    await eraseProfile(account.marketer, { sectionId: account.sectionId, profileId: id });
    const left = await rows(pool(), sql`select cells from import_row where import_id = ${upload.id}`);
    expect(left).toEqual([{ cells: ['+46 70 765 43 21'] }]);
  });

  it('erases several people at once', async () => {
    const email = unique();
    const ids = [await create(`a${email}`), await create(`b${email}`)];
    const other = await create(unique());
    const tagId = await createTestTag(account.sectionId, 'Of three');
    for (const profileId of [...ids, other])
      await changeProfileTags(account.marketer, { sectionId: account.sectionId, profileId, apply: [tagId] });
    await transaction((tx) => erase(tx, causeOf(account.marketer, account.sectionId), ids));
    expect(await tablesWith(email)).toEqual([]);
    expect(await rows(pool(), sql`select profile_id as id from profile_tag where tag_id = ${tagId}`)).toEqual([
      { id: other },
    ]);
    await expectInvariants();
  });

  it('is shown to somebody who had the page open', async () => {
    const id = await create(unique());
    await eraseProfile(account.marketer, { sectionId: account.sectionId, profileId: id });
    const tagId = await createTestTag(account.sectionId, 'Late');
    expect(
      await changeProfileTags(account.marketer, { sectionId: account.sectionId, profileId: id, apply: [tagId] }),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'not_found', message: expect.stringContaining('no longer exists') as string },
    });
  });
});

/** The tables with a row that contains the text. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    pool(),
    sql`select table_name as name from information_schema.tables where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows: hits } = await pool()
      .query(`select 1 from "${name}" t where to_jsonb(t)::text ilike $1 limit 1`, [`%${text}%`])
      .catch(() => ({ rows: [] }));
    if (hits.length > 0) found.push(name);
  }
  return found;
}
