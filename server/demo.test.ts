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

it('has a form with people who confirmed, people who have not yet, and spam', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-demo-'));
  vi.stubEnv('TAGWELL_DATA_DIR', folder);
  await seedDemo(() => undefined, { profiles: 20, submissions: 20 });
  const states = await rows<{ state: string; number: number; held: number }>(
    pool(),
    sql`
      select submission.state, count(*)::int as number, count(consent.profile_id)::int as held
      from form_submission submission
      left join consent on consent.section_id = submission.section_id and consent.profile_id = submission.profile_id
        and consent.type = 'confirmed-opt-in' and submission.state = 'done'
      group by submission.state order by submission.state`,
  );
  expect(states.map(({ state }) => state)).toEqual(['done', 'pending', 'quarantined']);
  // Who confirmed has the consent.
  expect(states[0]).toMatchObject({ number: states[0]!.held });
  fs.rmSync(folder, { recursive: true });
});
