// The rules for statements, each checked with planted violations.
import { beforeAll, describe, expect, it } from 'vitest';
import { openParser, parse, problemsOf, writesWith } from './rules';

const sectionTables = new Set(['tag', 'profile', 'profile_tag', 'segment', 'use', 'operation']);
const catalogue = {
  sectionTables,
  tables: new Set([...sectionTables, 'account']),
  sequences: new Map([
    ['tag', { column: 'id', isBig: false }],
    ['profile', { column: 'id', isBig: true }],
  ]),
};
const check = (text: string) => problemsOf(parse(text), catalogue).map(({ rule, detail }) => `${rule} ${detail}`);

beforeAll(openParser);

describe('a table of sections', () => {
  it.each([
    ['a parameter', `select id from tag where section_id = $1 and hidden_at is null`],
    ['a literal, cast', `select id from tag where id = $1 and 5::int = section_id`],
    [
      'a join',
      `select 1 from tag t join profile_tag p on p.section_id = t.section_id and p.tag_id = t.id where t.section_id = $1`,
    ],
    [
      'a left join',
      `select 1 from tag left join tag target on target.section_id = tag.section_id where tag.section_id = $1`,
    ],
    ['using', `select 1 from tag join profile_tag using (section_id) where tag.section_id = $1`],
    [
      'a row',
      `select 1 from tag, profile_tag p where (p.section_id, p.tag_id) = (tag.section_id, tag.id) and tag.section_id = $1`,
    ],
    [
      'a constant in each query',
      `select (select count(*) from profile_tag p where p.section_id = $1 and p.section_id = tag.section_id) from tag where section_id = $1`,
    ],
    [
      'a subquery',
      `select 1 from (select section_id, id from tag where section_id = $1) t join profile_tag p on p.section_id = t.section_id`,
    ],
    [
      'a common table expression',
      `with t as (select $1::int as section_id) select 1 from t join tag on tag.section_id = t.section_id`,
    ],
    [
      'a recursive one',
      `with recursive c as (select id from tag where section_id = $1 union all select tag.id from c join tag on tag.section_id = $1 and tag.merged_into = c.id) select id from c`,
    ],
    [
      'what a change returns',
      `with gone as (delete from tag where section_id = $1 returning section_id, id) insert into profile_tag (section_id, tag_id) select section_id, id from gone`,
    ],
    ['the inserted value', `insert into tag (section_id, name) values ($1, $2), ($1, $3) on conflict do nothing`],
    [
      'an update with others',
      `update tag set name = p.name from profile p where tag.section_id = $1 and p.section_id = tag.section_id`,
    ],
    ['a union', `select id from tag where section_id = $1 union all select id from profile where section_id = $1`],
  ])('may be pinned to it by %s', (_way, text) => {
    expect(check(text)).toEqual([]);
  });

  it.each([
    ['no condition', `select id from tag where id = $1`, ['section tag']],
    ['a condition that is not needed', `select id from tag where section_id = $1 or id = $2`, ['section tag']],
    ['several sections', `select id from tag where section_id = any($1)`, ['section tag']],
    [
      'another table that is not pinned',
      `select 1 from tag join profile_tag p on p.section_id = tag.section_id`,
      ['section tag', 'section profile_tag'],
    ],
    [
      'one of two tables',
      `select 1 from tag join profile_tag p on p.tag_id = tag.id where tag.section_id = $1`,
      ['section profile_tag'],
    ],
    [
      'the wrong side of a left join',
      `select 1 from tag left join profile_tag p on tag.section_id = $1 and p.section_id = $1`,
      ['section tag'],
    ],
    [
      'a subquery',
      `select 1 from tag where section_id = $1 and exists (select from profile_tag where tag_id = tag.id)`,
      ['section profile_tag'],
    ],
    [
      'one part of a union',
      `select id from tag where section_id = $1 union select id from profile`,
      ['section profile'],
    ],
    [
      'a common table expression',
      `with t as (select id from tag) select 1 from t join profile on profile.section_id = $1`,
      ['section tag'],
    ],
    ['an update', `update tag set name = $1 where id = $2`, ['section tag']],
    [
      'a deletion',
      `delete from tag using profile where tag.section_id = profile.section_id`,
      ['section tag', 'section profile'],
    ],
    [
      'what it inserts',
      `insert into tag (section_id, name) select section_id, name from jsonb_to_recordset($1) r (section_id int, name text)`,
      ['section tag'],
    ],
    ['an insertion without it', `insert into tag (name) values ($1)`, ['section tag']],
    ['a query that is explained', `explain select * from tag`, ['section tag']],
  ])('is found where it is not pinned: %s', (_way, text, problems) => {
    expect(check(text).sort()).toEqual([...problems].sort());
  });

  it.each([
    [
      'a value',
      `select (select count(*) from profile_tag p where p.section_id = tag.section_id) from tag where section_id = $1`,
      ['outer profile_tag'],
    ],
    [
      'a condition',
      `select 1 from tag where section_id = $1 and exists (select from profile_tag p where p.section_id = tag.section_id)`,
      ['outer profile_tag'],
    ],
    [
      'a lateral subquery, and what it joins',
      `select 1 from tag cross join lateral (
         select 1 from profile p join profile_tag q on q.section_id = p.section_id where p.section_id = tag.section_id
       ) r where tag.section_id = $1`,
      ['outer profile', 'outer profile_tag'],
    ],
  ])('is not pinned by the query around it: %s', (_way, text, problems) => {
    expect(check(text).sort()).toEqual(problems);
  });

  it('is distinguished from other tables, and from expressions with the same name', () => {
    expect(check(`select id from account where id = $1`)).toEqual([]);
    expect(check(`with tag as (select 1 as id) select id from tag`)).toEqual([]);
    expect(check('begin')).toEqual([]);
  });
});

describe('a row lock', () => {
  it('must stay within a section', () => {
    expect(check(`select id from tag where section_id = $1 for update`)).toEqual([]);
    expect(check(`select id from operation where status = 'queued' for update skip locked`)).toContain(
      'lock operation',
    );
  });

  it('may name its tables', () => {
    const text = `select 1 from tag join operation on true where tag.section_id = $1 for update of tag`;
    expect(check(text)).toEqual(['section operation']);
  });
});

describe('a locking CTE', () => {
  const locking = (query: string) =>
    check(`with asked as materialized (select unnest($2::int[]) as id), locked as materialized (${query})
           delete from tag where section_id = $1 and id in (select id from locked)`);
  const lock = 'for key share of tag';

  it('may only read tables', () => {
    expect(
      locking(`select id from tag where section_id = $1 and id = any(array(select id from asked)) ${lock}`),
    ).toEqual([]);
    expect(locking(`select tag.id from tag join asked on asked.id = tag.id where section_id = $1 ${lock}`)).toEqual([
      'copied locked',
    ]);
    expect(
      locking(`select tag.id from tag join unnest($2::int[]) a on a = tag.id where section_id = $1 ${lock}`),
    ).toEqual(['copied locked']);
    expect(locking(`select id from tag where section_id = $1 and id in (select id from asked) ${lock}`)).toEqual([
      'copied locked',
    ]);
  });

  it('may be inside a subquery', () => {
    const inner = `select tag.id from tag join asked on asked.id = tag.id where section_id = $1 ${lock}`;
    expect(locking(`select * from (${inner}) locked`)).toEqual([]);
  });
});

describe('a recursive query', () => {
  const chain = (from: string) =>
    check(`create temporary table known as with recursive start as (${from}),
           chain as (select id from start union all select tag.merged_into from chain join tag on tag.section_id = $1 and tag.id = chain.id)
           select id from chain`);

  it('may not read a temporary table', () => {
    expect(chain(`select id from unnest($2::int[]) id`)).toEqual([]);
    expect(chain(`select id from import_named`)).toEqual(['temporary import_named']);
  });
});

describe('an id from a sequence', () => {
  const none = `not exists (select from tag where section_id = $1 and name = $2)`;
  const left = `tag left join tag target on target.section_id = $1 and target.id = tag.merged_into where tag.section_id = $1`;

  it.each([
    ['with nothing to read', `insert into tag (section_id, name) select $1, $2`],
    [
      'with a number of what is there',
      `insert into tag (section_id, name)
       select $1, $2 from (select count(*) as number from tag where section_id = $1) others where number = 0`,
    ],
    [
      'with what is not in others',
      `insert into tag (section_id, name) select $1, name from segment
       where section_id = $1 and name not in (select name from tag where section_id = $1)`,
    ],
    [
      'with what a WITH has read',
      `insert into tag (section_id, name)
       with made as materialized (select name from segment where section_id = $1 and ${none}) select $1, name from made`,
    ],
    ['without a table, where it is a bigint', `insert into profile (section_id) select $1 where ${none}`],
    ['that is given', `insert into tag (section_id, id, name) select $1, $3, $2 where ${none}`],
  ])('can be made %s', (_how, text) => {
    expect(check(text)).toEqual([]);
  });

  it.each([
    ['without a table', `insert into tag (section_id, name) select $1, $2 where ${none}`],
    [
      'beside what is not there',
      `insert into tag (section_id, name) select $1, name from segment where section_id = $1 and ${none}`,
    ],
    ['for an outer join', `insert into tag (section_id, name) select $1, target.name from ${left}`],
    [
      'for a list with a condition on tables',
      `insert into tag (section_id, name) select $1, name from unnest($2::text[]) name where ${none}`,
    ],
  ])('cannot be made %s', (_how, text) => {
    expect(check(text)).toEqual(['ids tag']);
  });
});

describe('a number from a sequence', () => {
  const address = `(select key from profile where section_id = $1 and id = $2)`;

  it('is asked for alone, or with a table', () => {
    expect(check(`select nextval('seq') from generate_series(1, $1)`)).toEqual([]);
    expect(check(`select count(*), nextval('seq') from tag where section_id = $1`)).toEqual([]);
  });

  it('is not asked for beside subqueries', () => {
    expect(check(`select nextval('seq'), own.address from (select ${address} as address) own`)).toEqual([
      'ids nextval',
    ]);
    expect(check(`select nextval('seq'), ${address}`)).toEqual(['ids nextval']);
  });
});

describe('a writing statement', () => {
  it.each([
    ['in what it writes', `update tag set name = 'a'`, true],
    ['in what it reads', `with named as (select 1 from tag) delete from bulk_chosen using named`, true],
    ['in a statement that only reads', `select 1 from tag`, false],
    ['not at all', `insert into bulk_chosen select 1`, false],
  ])('is recognised by a table %s', (_where, text, expected) => {
    expect(writesWith(parse(text), sectionTables)).toBe(expected);
  });

  it('has a reading WITH after INSERT, and a writing one before it', () => {
    const read = `with many as (select id from tag where section_id = $1)`;
    const insert = `insert into segment (section_id, id)`;
    expect(check(`${insert} ${read} select $1, id from many`)).toEqual([]);
    expect(check(`${read} ${insert} select $1, id from many`)).toEqual(['with segment']);
    const write = `with gone as (delete from tag where section_id = $1 returning id)`;
    expect(check(`${write} ${insert} select $1, id from gone`)).toEqual([]);
  });

  it.each([
    [`update tag set hidden_at = now() where section_id = $1`, ['time now']],
    [
      `delete from tag where section_id = $1 and created_at < clock_timestamp() - interval '1 day'`,
      ['time clock_timestamp'],
    ],
    [`insert into tag (section_id, day) values ($1, current_date)`, ['time current_date']],
  ])('takes the time as a parameter: %s', (text, problems) => {
    expect(check(text)).toEqual(problems);
  });

  it('may take it from the database if it only reads', () => {
    expect(check(`select now(), coalesce(max(at), now()) from tag where section_id = $1`)).toEqual([]);
  });
});
