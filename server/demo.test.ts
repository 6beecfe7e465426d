// The demo account of a first start.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { seedDemo } from '@/prisma/seed/demo';

afterEach(() => vi.unstubAllEnvs());

it('does not exist before its sign-ins are on disk: otherwise nobody could sign in', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-demo-'));
  vi.stubEnv('TAGWELL_DATA_DIR', path.join(folder, 'gone'));
  await expect(seedDemo(() => undefined, { profiles: 20 })).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await rows(pool(), sql`select from account`)).toEqual([]);
  fs.rmSync(folder, { recursive: true });
});
