// What Citus refuses because a function is not immutable. On a cluster, Citus is asked about the same statements.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isCluster } from '../cluster';
import { makeTemporaryTables } from './temporary-tables';
import { readFunctions, refusedFunctions, type Functions } from './volatility';

let client: pg.Client;
let functions: Functions;

beforeAll(async () => {
  client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  functions = await readFunctions(client);
});

afterAll(() => client.end());

const check = (text: string) => refusedFunctions(client, text, functions);

/** Citus's answer to a statement, where there is a cluster to ask. */
async function expectOfCitus(text: string, refused: boolean): Promise<void> {
  if (!isCluster(inject('nodes'))) return;
  const planned = client.query(`explain ${text}`);
  if (refused) await expect(planned).rejects.toThrow(/STABLE|IMMUTABLE|VOLATILE/);
  else await planned;
}

const IN_TAG = 'where section_id = 1 and id = 2';
const CLAIM = `insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed) values (1, 1, 1, 1, true)
  on conflict (section_id, tag_id, profile_id, holder_id) do update set suppressed =`;

describe('a writing statement', () => {
  it.each([
    ['a moment of a column', `update tag set created_at = created_at + interval '1 hour' ${IN_TAG}`],
    ['another one', `update tag set created_at = date_trunc('day', created_at) ${IN_TAG}`],
    ['JSON of a column', `update operation set counts = counts || jsonb_build_object('a', total) ${IN_TAG}`],
    ['a text of a column', `update tag set name = format('%s', name) ${IN_TAG}`],
    ['a moment as a text', `update tag set name = name || created_at ${IN_TAG}`],
    [
      'the column of another table',
      `with old as materialized (select id, now() as at from tag ${IN_TAG})
       update tag set created_at = old.at - interval '1 hour' from old where section_id = 1 and old.id = tag.id`,
    ],
    ['a table on every node', `update app_user set name = to_char(id, '99') where id = 1`],
    ['a condition', `delete from tag where section_id = 1 and created_at + interval '1 day' < '2026-01-01'`],
    ['a conditional', `update tag set name = coalesce(name, to_char(2, '9')) ${IN_TAG}`],
    ['a case', `update tag set name = case when id > 1 then pg_backend_pid()::text else name end ${IN_TAG}`],
    ['chance', `update tag set name = 'a' || random()::text ${IN_TAG}`],
    ['what it returns', `update tag set name = 'a' ${IN_TAG} returning created_at::text`],
    ['an enum that it returns', `delete from attribute ${IN_TAG} returning type::text`],
    ['what it does on a conflict', `${CLAIM} to_char(1, '9') = 'a'`],
    ['where it does it', `${CLAIM} true where to_char(tag_claim.tag_id, '9') = 'a'`],
  ])('has only immutable functions in %s', async (_where, text) => {
    expect(await check(text)).toHaveLength(1);
    await expectOfCitus(text, true);
  });

  it.each([
    [
      'of a constant',
      `delete from tag where section_id = 1 and created_at < '2026-01-01'::timestamptz - interval '1 day'`,
    ],
    [
      'in what it inserts',
      `insert into tag_claim (section_id, tag_id, profile_id, holder_id, suppressed)
      values (1, 1, 1, 1, to_char(1, '9') = 'a')`,
    ],
    [
      'in what it reads first',
      `with old as materialized (select id, to_char(id, '9') as name from tag ${IN_TAG})
      update tag set name = old.name from old where section_id = 1 and old.id = tag.id`,
    ],
  ])('may have others %s', async (_where, text) => {
    expect(await check(text)).toEqual([]);
    await expectOfCitus(text, false);
  });

  it.each([
    [
      'a difference of moments',
      `update tag set name = (extract(epoch from created_at - '2026-01-01'::timestamptz))::int::text ${IN_TAG}`,
    ],
    ['a number in a text', `update tag set name = name || id ${IN_TAG}`],
    ['a count in JSON', `update operation set counts = jsonb_set(counts, array['a'], total::text::jsonb) ${IN_TAG}`],
    ['what was there', `${CLAIM} excluded.suppressed`],
  ])('may have %s, which is immutable', async (_what, text) => {
    expect(await check(text)).toEqual([]);
    await expectOfCitus(text, false);
  });
});

it('a statement with temporary tables is analysed too', async () => {
  await makeTemporaryTables(client, [
    {
      file: '',
      text: `create temporary table planted_names on commit drop as select id, moment from planted where id = $1`,
    },
    {
      file: '',
      text: `create temporary table planted on commit drop as select id, created_at as moment from tag where section_id = $1`,
    },
  ]);
  const text = `update tag set created_at = planted_names.moment - interval '1 hour' from planted_names where section_id = 1`;
  expect(await check(text)).toEqual(['timestamptz_mi_interval']);
});
