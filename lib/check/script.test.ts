// `npm run db:check` as an operator runs it: its output and exit code.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles } from '@/testing/fixtures';

async function dbCheck(url = process.env.DATABASE_URL!, dataDir = ''): Promise<{ code: number; output: string }> {
  const { VITEST: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, ['scripts/db-check.mjs'], {
    env: { ...env, DATABASE_URL: url, TAGWELL_DATA_DIR: dataDir },
  });
  const ended = once(child, 'close') as Promise<[number]>;
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: (out + error).trim() };
}

describe('npm run db:check', () => {
  it('exits with 0 if all rules hold, and with 1 and the rule if one is violated', async () => {
    const { sectionId } = await createTestAccount();
    await createTestProfiles(sectionId, 2);
    const sound = await dbCheck();
    expect(sound).toMatchObject({ code: 0, output: expect.stringMatching(/All rules hold\.$/) as string });
    await execute(pool(), sql`insert into profile_count (section_id, slot, profiles) values (${sectionId}, -1, 1)`);
    const broken = await dbCheck();
    expect(broken).toMatchObject({ code: 1, output: expect.stringMatching(/\n1 rule does not hold\.$/) as string });
    expect(broken.output).toContain('WRONG  The count of profiles is the number of profiles');
  });

  it('does not create a database', async () => {
    const dataDir = path.join(os.tmpdir(), `tagwell-check-${randomUUID()}`);
    expect(await dbCheck('', dataDir)).toEqual({
      code: 2,
      output: `There is no Tagwell database in ${dataDir}; set TAGWELL_DATA_DIR or DATABASE_URL.`,
    });
    expect(fs.existsSync(dataDir)).toBe(false);
  });

  it('reports in one line that a database is not Tagwell’s, or of an earlier version', async () => {
    const empty = new URL(process.env.DATABASE_URL!);
    empty.pathname = '/postgres';
    const elsewhere = await dbCheck(empty.href);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.output).toMatch(/^This database has no Tagwell tables\.[^\n]*$/);
    await execute(
      pool(),
      sql`delete from _prisma_migrations where migration_name = (select max(migration_name) from _prisma_migrations)`,
    );
    const earlier = await dbCheck();
    expect(earlier.code).toBe(2);
    expect(earlier.output).toMatch(/^The database is of an earlier version: 1 migration is missing\.[^\n]*$/);
  });
});
