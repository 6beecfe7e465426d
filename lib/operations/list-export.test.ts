// The profiles list as a file: what is shown, in its order, and never a part of it that looks like the whole.
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import { settleIndex } from '@/lib/attributes/value-index';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { csvResponse } from '@/lib/export/csv-response';
import { listInOrder } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { makeAttribute, setAttributes, tagProfiles, valueOf } from '@/testing/segments';
import { SELECTED_MAX } from './list-export-limit';
import { readListFile, recordListExport } from './list-export';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;
let points: { id: number; code: string };

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = await createTestSection(account.accountId, 'List');
  profiles = await createTestProfiles(sectionId, 7);
  tagId = await createTestTag(sectionId, 'VIP');
  const attribute = await makeAttribute(account.admin, sectionId, 'number', { name: 'Points' });
  points = attribute;
  await execute(
    pool(),
    sql`insert into attribute_index (section_id, attribute_id, status) values (${sectionId}, ${attribute.id}, 'building')`,
  );
  await settleIndex(sectionId, attribute.id);
  const names = ['=cmd()', 'Bo', 'anna', 'Anna', null, 'Åsa', null];
  for (const [place, id] of profiles.entries()) {
    await setAttributes(sectionId, id, {
      ...(names[place] !== null && { firstname: names[place] }),
      ...(place % 3 > 0 && { [attribute.code]: place % 2 }),
    });
  }
  await tagProfiles(sectionId, profiles.slice(0, 4), { apply: [tagId] });
});

const everyone = { kind: 'all', filter: {} };
const asked = (list: object) => ({ sectionId, list: JSON.stringify({ selection: everyone, ...list }) });

async function fileOf(list: object, actor: UserActor = account.admin): Promise<string[][]> {
  const { lines } = valueOf(await readListFile(actor, asked(list)));
  let text = '';
  for await (const line of lines) text += line;
  return parse(text, { record_delimiter: '\r\n' });
}

describe('an export of the list', () => {
  it('has the chosen columns in their order, each once, with formulas escaped', async () => {
    const list = { selection: { kind: 'ids', ids: [profiles[0]] }, columns: ['tags', 'attribute:firstname', 'tags'] };
    expect(await fileOf(list)).toEqual([
      ['Tags', 'First name'],
      ['VIP', "'=cmd()"],
    ]);
  });

  it.each(
    ['added', 'changed', 'attribute:firstname', 'points'].flatMap((by) =>
      [true, false].map((descending) => ({ by, descending })),
    ),
  )('is in the order of the list: by $by, descending: $descending', async ({ by, descending }) => {
    const sort = { by: by === 'points' ? `attribute:${points.code}` : by, descending };
    for (const filter of [{}, { hasNot: [tagId] }, { has: [tagId] }]) {
      const page = await listInOrder(pool(), sectionId, ProfileFilterSchema.parse(filter), sort);
      const [, ...lines] = await fileOf({
        selection: { kind: 'all', filter },
        sort,
        columns: ['attribute:firstname', `attribute:${points.code}`],
      });
      const shown = page!.profiles.map(({ attributes }) =>
        [attributes.firstname ?? '', attributes[points.code] ?? ''].map((value) => String(value).replace('=', "'=")),
      );
      expect(lines).toEqual(shown);
    }
  });

  it('begins with the newest if the list cannot be sorted as asked any more', async () => {
    const list = { columns: ['attribute:firstname'] };
    const newest = await fileOf({ ...list, sort: { by: 'added', descending: true } });
    expect(await fileOf({ ...list, sort: { by: 'attribute:gone', descending: false } })).toEqual(newest);
  });

  it('is refused for what is gone, too much or not an address, and without access', async () => {
    const hidden = await createTestTag(sectionId, 'Gone');
    valueOf(await hideTag(account.admin, { sectionId, tagId: hidden }));
    const tooMany = Array.from({ length: SELECTED_MAX + 1 }, (_, index) => index + 1);
    const refusals: [string, object][] = [
      ['hidden', { selection: { kind: 'all', filter: { hasNot: [hidden] } }, columns: ['tags'] }],
      ['not_found', { columns: ['attribute:gone'] }],
      ['invalid', { columns: [] }],
      ['invalid', { selection: { kind: 'ids', ids: tooMany }, columns: ['tags'] }],
    ];
    for (const [code, list] of refusals) {
      expect(await readListFile(account.admin, asked(list))).toMatchObject({ ok: false, refusal: { code } });
    }
    for (const list of ['', '{', 'null', '[]']) {
      expect(await readListFile(account.admin, { sectionId, list })).toMatchObject({ refusal: { code: 'invalid' } });
    }
    const stranger = await createTestAccount();
    for (const actor of [stranger.admin, account.marketer]) {
      for (const call of [readListFile, recordListExport]) {
        expect(await call(actor, asked({ columns: ['tags'] }))).toMatchObject({ refusal: { code: 'not_found' } });
      }
    }
  });

  it('is in the audit log, without what was searched for', async () => {
    const selection = { kind: 'all', filter: { search: 'anna@example.com', has: [tagId] } };
    valueOf(await recordListExport(account.admin, asked({ selection, columns: ['tags'] })));
    const [entry] = await rows<{ summary: string; details: unknown }>(
      pool(),
      sql`select summary, details from audit_entry
          where section_id = ${sectionId} and command = 'profiles.export-list' order by id desc limit 1`,
    );
    expect(entry).toEqual({
      summary: 'Exported the profiles list: All profiles with VIP. Found by a search.',
      details: { columns: ['tags'] },
    });
  });
});

describe('an export that is cut off', () => {
  it('by the loss of the database is an error for its reader, never an end', async () => {
    const large = await createTestSection(account.accountId, 'Large list');
    await createTestProfiles(large, 12_000);
    const list = JSON.stringify({ selection: everyone, columns: ['added', 'changed'] });
    const { lines } = valueOf(await readListFile(account.admin, { sectionId: large, list }));
    const reader = (await csvResponse(lines, 'list.csv')).body!.getReader();
    await reader.read();
    const { ended } = await one<{ ended: number }>(
      pool(),
      sql`select count(pg_terminate_backend(pid)) as ended from pg_stat_activity
          where datname = current_database() and query like '%reading%' and pid <> pg_backend_pid()`,
    );
    expect(ended).toBe(1);
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });
});
