// What uses something: recorded with its users, deleted with them, and found by name.
import fs from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImportId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { saveMapping } from '@/lib/imports/commands';
import { changeFormat, discardImport, uploadFile } from '@/lib/imports/stage';
import { writeImportUses } from '@/lib/imports/uses';
import { listTags } from '@/lib/tags/queries';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { importFile } from '@/testing/imports';
import { itOnOneServer } from '@/testing/one-server';
import { hasTag, inSegment, makeSegment, valueOf } from '@/testing/segments';
import { dependents, withUsers } from './queries';

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Uses');
});

async function upload(fileName = 'people.csv', mapping: object = {}): Promise<ImportId> {
  async function* bytes() {
    yield Buffer.from('Email,VIP\nann@example.com,yes\n');
  }
  const uploaded = await uploadFile(account.admin, { sectionId, fileName, maxBytes: 1_000 }, bytes());
  const importId = valueOf(uploaded).id;
  valueOf(await saveMapping(account.admin, { sectionId, importId, mapping }));
  return importId;
}

const usersOf = async (tagId: TagId) => (await withUsers(pool(), sectionId, 'tag', [{ id: tagId }]))[0]!.usedIn;
const tagsUsed = async () => {
  const found = await rows<{ id: TagId }>(
    pool(),
    sql`select used_id as id from use
        where section_id = ${sectionId} and user_kind = 'import' and used_kind = 'tag'
        order by used_id`,
  );
  return found.map(({ id }) => id);
};

/** A mapping that refers to each of six tags in a different way, and the tags. */
async function useInEveryWay(): Promise<{ tags: TagId[]; mapping: object }> {
  const tags: TagId[] = [];
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) tags.push(await createTestTag(sectionId, name));
  const [both, applied, removed, chosen, inColumn] = tags;
  const mapping = {
    apply: [both, applied],
    remove: [removed],
    columns: [{ to: 'nothing' }, { to: 'tag', tagId: inColumn }],
    names: { gold: { to: 'tag', tagId: chosen }, new: { to: 'create', name: 'New' }, both: { to: 'tag', tagId: both } },
  };
  return { tags, mapping };
}

describe('an import', () => {
  it('uses all tags of its current mapping, each once', async () => {
    const { tags, mapping } = await useInEveryWay();
    const importId = await upload('people.csv', mapping);
    expect(await tagsUsed()).toEqual(tags.slice(0, 5));
    valueOf(await saveMapping(account.admin, { sectionId, importId, mapping: { apply: [tags[5]] } }));
    expect(await tagsUsed()).toEqual([tags[5]]);
    valueOf(await changeFormat(account.admin, { sectionId, importId, format: { header: false } }));
    expect(await tagsUsed()).toEqual([]);
  });

  it('may name a missing tag until it is started, and uses the others', async () => {
    const tagId = await createTestTag(sectionId, 'Here');
    const theirs = await createTestTag(account.sectionId, 'Elsewhere');
    await upload('people.csv', { apply: [tagId, theirs, 2_000_000_000] });
    expect(await tagsUsed()).toEqual([tagId]);
  });

  it('uses nothing once it is discarded', async () => {
    const tagId = await createTestTag(sectionId, 'Gone');
    const importId = await upload('people.csv', { apply: [tagId] });
    expect(await usersOf(tagId)).toMatchObject([{ kind: 'import', count: 1, named: [{ id: importId }] }]);
    valueOf(await discardImport(account.admin, { sectionId, importId }));
    expect(await usersOf(tagId)).toEqual([]);
  });

  it('depends on its tags until it is done, and is still counted afterwards', async () => {
    const here = account.sectionId;
    const tagId = await createTestTag(here, 'Applied');
    await importFile(account, 'Email\nann@example.com\n', { apply: [tagId] });
    expect(await dependents(pool(), here, 'tag', tagId)).toEqual([]);
    const [tag] = await withUsers(pool(), here, 'tag', [{ id: tagId }]);
    expect(tag!.usedIn).toMatchObject([{ kind: 'import', count: 1, named: [{ name: 'people.csv' }] }]);
    sectionId = here;
    await upload('waiting.csv', { remove: [tagId] });
    expect(await dependents(pool(), here, 'tag', tagId)).toMatchObject([
      { usedId: tagId, kind: 'import', name: 'waiting.csv', direct: true },
    ]);
  });
});

describe('a tag', () => {
  it('lists its segments by name, then its imports, naming the newest ten', async () => {
    const tagId = await createTestTag(sectionId, 'Used');
    const beta = await makeSegment(account.admin, sectionId, hasTag(tagId), 'Beta');
    const alpha = await makeSegment(account.admin, sectionId, hasTag(tagId), 'Alpha');
    await makeSegment(account.admin, sectionId, inSegment(alpha), 'Through another');
    const imports = (
      await rows<{ id: ImportId }>(
        pool(),
        sql`insert into import (section_id, file_name, status)
            select ${sectionId}, 'old.csv', 'done' from generate_series(1, 12)
            returning id`,
      )
    ).map(({ id }) => id);
    await transaction(async (tx) => {
      for (const id of imports) await writeImportUses(tx, sectionId, id, [tagId]);
    });
    await createTestTag(sectionId, 'Unused');
    const [unused, used] = await withUsers(pool(), sectionId, 'tag', await listTags(pool(), sectionId));
    expect(unused).toMatchObject({ name: 'Unused', usedIn: [] });
    expect(used).toMatchObject({
      name: 'Used',
      usedIn: [
        {
          kind: 'segment',
          count: 2,
          named: [
            { id: alpha, name: 'Alpha' },
            { id: beta, name: 'Beta' },
          ],
        },
        {
          kind: 'import',
          count: 12,
          named: imports
            .slice(2)
            .reverse()
            .map((id) => ({ id })),
        },
      ],
    });
  });
});

describe('the database', () => {
  it('refuses uses across sections and of unknown kinds', async () => {
    const [here, theirs] = [await createTestTag(sectionId, 'Here'), await createTestTag(account.sectionId, 'Theirs')];
    const importId = await upload();
    const use = (userKind: string, userId: number, usedKind: string, usedId: number) =>
      execute(
        pool(),
        sql`insert into use (section_id, user_kind, user_id, used_kind, used_id)
            values (${sectionId}, ${userKind}, ${userId}, ${usedKind}, ${usedId})`,
      );
    await expect(use('import', importId, 'tag', theirs)).rejects.toThrow(/foreign key/);
    await expect(use('import', importId + 1_000, 'tag', here)).rejects.toThrow(/foreign key/);
    await expect(use('report', importId, 'tag', here)).rejects.toThrow(/use_known_kinds/);
    await expect(use('import', importId, 'report', here)).rejects.toThrow(/use_known_kinds/);
    expect(await use('import', importId, 'tag', here)).toBe(1);
  });

  const migrated = 'a database that is distributed has been migrated before';
  itOnOneServer(migrated, 'has the uses of imports from before there was a table of them', async () => {
    const { tags, mapping } = await useInEveryWay();
    const importId = await upload('people.csv', mapping);
    await upload('nothing.csv');
    // The mapping may refer to a missing tag.
    const apply = [tags[0], tags[1], 2_000_000_000];
    await execute(
      pool(),
      sql`update import set mapping = mapping || ${JSON.stringify({ apply })}::jsonb
          where section_id = ${sectionId} and id = ${importId}`,
    );
    await execute(pool(), sql`delete from use`);
    const migration = fs.readFileSync('prisma/migrations/20261126060100_uses/migration.sql', 'utf8');
    const [statement] = /insert into "use" [^;]*from import[^;]*;/.exec(migration)!;
    await pool().query(statement);
    expect(await tagsUsed()).toEqual(tags.slice(0, 5));
  });
});
