// Migrations produce what schema.prisma says, and are applied exactly once.
import fs from 'node:fs';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { createTestAccount, createTestProfiles } from '@/testing/fixtures';
import { itOnOneServer } from '@/testing/one-server';
import type { ProfileId } from './ids';
import { DatabaseError, migrate } from './migrate';
import { pool, transaction } from './pool';
import { schemaDifference } from './schema-engine';
import { execute, rows, sql } from './sql';

async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: `${inject('serverUrl')}postgres` });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  return `${inject('serverUrl')}${name}`;
}

async function inspect(url: string, statement: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ line: string }>(statement);
  await client.end();
  return rows.map(({ line }) => line).sort();
}

const COLUMNS = `
  select concat_ws(' ', table_name, column_name, udt_name, datetime_precision, is_nullable,
    regexp_replace(column_default, 'public\\.', '', 'g')) as line
  from information_schema.columns
  where table_schema = 'public' and table_name <> '_prisma_migrations'`;
const INDEXES = `select indexdef as line from pg_indexes where schemaname = 'public' and tablename <> '_prisma_migrations'`;
const FOREIGN_KEYS = `
  select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as line
  from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`;

describe('migrations', () => {
  it('create the tables, indexes and foreign keys of schema.prisma', async () => {
    const [migrated, pushed] = [await emptyDatabase(), await emptyDatabase()];
    await migrate(migrated);
    const script = await schemaDifference(pushed, null, fs.readFileSync('prisma/schema.prisma', 'utf8'));
    const client = new pg.Client({ connectionString: pushed });
    await client.connect();
    await client.query(script);
    await client.end();
    expect(await inspect(migrated, COLUMNS)).toEqual(await inspect(pushed, COLUMNS));
    expect(await inspect(migrated, FOREIGN_KEYS)).toEqual(await inspect(pushed, FOREIGN_KEYS));
    const indexes = await inspect(migrated, INDEXES);
    expect(indexes).toEqual(expect.arrayContaining(await inspect(pushed, INDEXES)));
    expect(indexes.filter((index) => index.includes(' WHERE '))).toHaveLength(44);
  });

  it('are applied once if two processes start at the same time', async () => {
    const url = await emptyDatabase();
    const [first, second] = await Promise.all([migrate(url), migrate(url)]);
    expect([first.length, second.length].sort()).toEqual([0, expect.any(Number)]);
    expect(await migrate(url)).toEqual([]);
  });

  const before = 'a database that is distributed has been migrated before';
  itOnOneServer(before, 'spell stored keys and values in one way, and never make two people one', async () => {
    const { sectionId, keyspaces } = await createTestAccount();
    const [once, twin, plain] = await createTestProfiles(sectionId, 3);
    const put = async (id: ProfileId, key: string, city: string) => {
      await execute(
        pool(),
        sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
            values (${sectionId}, ${keyspaces.email}, ${key}, ${id})`,
      );
      await execute(
        pool(),
        sql`update profile set attributes = ${JSON.stringify({ email: key, city, score: 1 })}
            where section_id = ${sectionId} and id = ${id}`,
      );
    };
    await put(once!, 'a\u030Asa\u200B@x.se', 'Malmo\u0308');
    await put(twin!, 'bjo\u0308rn@x.se', 'Oslo');
    await put(plain!, 'björn@x.se', 'Oslo');
    const migration = 'prisma/migrations/20261125195000_canonical_text/migration.sql';
    await transaction((tx) => tx.query(fs.readFileSync(migration, 'utf8')));
    const found = await rows<{ id: ProfileId; key: string; attributes: object }>(
      pool(),
      sql`select profile.id, key, attributes
          from profile join profile_key using (section_id) where profile_key.profile_id = profile.id
            and profile.section_id = ${sectionId} order by profile.id`,
    );
    expect(found).toEqual([
      { id: once, key: 'åsa@x.se', attributes: { email: 'åsa@x.se', city: 'Malmö', score: 1 } },
      { id: twin, key: 'bjo\u0308rn@x.se', attributes: { email: 'bjo\u0308rn@x.se', city: 'Oslo', score: 1 } },
      { id: plain, key: 'björn@x.se', attributes: { email: 'björn@x.se', city: 'Oslo', score: 1 } },
    ]);
  });

  itOnOneServer(before, 'move changes of consents out of the history of profile data', async () => {
    const { sectionId } = await createTestAccount();
    const [ann] = await createTestProfiles(sectionId, 1);
    await execute(
      pool(),
      sql`
        with topic as (
          insert into topic (section_id, discriminator, name, name_key)
          values (${sectionId}, 'news', 'News, and more', 'news, and more') returning id
        )
        insert into consent (section_id, profile_id, topic_id, channel, type, reason, source)
        select ${sectionId}::int, ${ann}::bigint, id, 'sms', 'opt-out', 'asked', 'by phone' from topic`,
    );
    const code = 'consent:News, and more, sms';
    const note = (noted: Record<string, unknown>, after: Record<string, unknown>) =>
      execute(
        pool(),
        sql`insert into profile_change (section_id, profile_id, before, after, source)
            values (${sectionId}, ${ann}, ${JSON.stringify(noted)}, ${JSON.stringify(after)}, 7)`,
      );
    await note({ [code]: null }, { [code]: 'opt-in' });
    await note({ [code]: 'opt-in' }, { [code]: 'opt-out' });
    await note({ city: null }, { city: 'consent:' });
    const script = fs.readFileSync('prisma/migrations/20261127100000_consent_history/migration.sql', 'utf8');
    await transaction((tx) => tx.query(script.slice(script.indexOf('-- Until now'))));
    const history = sql`
      select before, after, reason, given_source, source from consent_change
      where section_id = ${sectionId} and profile_id = ${ann} order by id`;
    expect(await rows(pool(), history)).toEqual([
      { before: null, after: 'opt-in', reason: '', given_source: '', source: 7 },
      { before: 'opt-in', after: 'opt-out', reason: 'asked', given_source: 'by phone', source: 7 },
    ]);
    const left = sql`
      select after from profile_change where section_id = ${sectionId} and profile_id = ${ann} and not created`;
    expect(await rows(pool(), left)).toEqual([{ after: { city: 'consent:' } }]);
  });

  it('that build an index while others write are repeated after an interruption', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const [name] = await inspect(
      url,
      `delete from _prisma_migrations where migration_name like '%_name_words' returning migration_name as line`,
    );
    await inspect(url, `update pg_index set indisvalid = false where indexrelid = 'profile_name_words'::regclass`);
    expect(await migrate(url)).toEqual([name]);
    const valid = `select indisvalid as line from pg_index where indexrelid = 'profile_name_words'::regclass`;
    expect(await inspect(url, valid)).toEqual([true]);
  });

  it('report in one line that the database cannot be reached', async () => {
    const attempt = migrate('postgres://nobody@127.0.0.1:1/none');
    await expect(attempt).rejects.toThrow(DatabaseError);
    await expect(attempt).rejects.toThrow(/^The database at 127\.0\.0\.1:1 cannot be reached/);
  });
});
