import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { refreshStatistics } from '@/lib/db/statistics';
import { addProfiles, addTag, expect, test } from './fixtures';

const PROFILES = 20_000;

test('an export that the browser cancels ends in the database too, and makes room for others', async ({
  page,
  account,
  signIn,
}) => {
  // About 12 MB, more than the connection buffers.
  await addProfiles(account, PROFILES);
  await execute(
    pool(),
    sql`update profile set attributes = attributes || jsonb_build_object('lastname', repeat('x', 600))
        where section_id = ${account.section.id}`,
  );
  // As an import of this size does.
  await refreshStatistics();
  const nobodys = await addTag(account, 'Do not contact');
  await signIn('user');
  await page.goto(`/${account.section.slug}/segments/new?not=${nobodys}`);
  await page.getByLabel('Name', { exact: true }).fill('Everyone');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'Everyone' })).toBeVisible();
  const address = `/data${new URL(page.url()).pathname}/export`;
  // The transactions that read a file.
  const reading = async () => {
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select count(*)::int as count from pg_stat_activity
          where datname = current_database() and state <> 'idle' and query like '%from reading%'
            and pid <> pg_backend_pid()`,
    );
    return count;
  };
  // Six in sequence, more than the limit, so that each must release its slot.
  for (let nth = 0; nth < 6; nth++) {
    const download = await page.evaluateHandle(async (from) => {
      const leaving = new AbortController();
      const answer = await fetch(from, { signal: leaving.signal });
      const reader = answer.body!.getReader();
      // The titles come before the first lines.
      await reader.read();
      const { value } = await reader.read();
      return { leaving, begun: { status: answer.status, text: new TextDecoder().decode(value) } };
    }, address);
    expect(await download.evaluate(({ begun }) => begun)).toEqual({
      status: 200,
      text: expect.stringContaining('person') as unknown,
    });
    expect(await reading()).toBe(1);
    await download.evaluate(({ leaving }) => leaving.abort());
    await expect.poll(reading, { timeout: 10_000 }).toBe(0);
  }
  // Requested but not read: nothing is started.
  for (let nth = 0; nth < 5; nth++) expect((await page.request.head(address)).status()).toBe(405);
  const whole = await page.request.get(address);
  expect((await whole.text()).trim().split('\r\n')).toHaveLength(PROFILES + 1);
});
