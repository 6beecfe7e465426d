import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { addProfiles, addTag, expect, test } from './fixtures';
import fs from 'node:fs';

test('a marketer sets an attribute of all that match, undoes it, exports them, and deletes them for good', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 80);
  await addTag(account, 'Fair', profiles.slice(0, 60));
  await execute(
    pool(),
    sql`update profile set attributes = attributes || '{"lastname": "Lund"}'
        where section_id = ${account.section.id} and id = any(${profiles.slice(0, 12)}::bigint[])`,
  );
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles?cols=tags,attribute:birthdate`);
  await page.getByRole('button', { name: 'Tags', exact: true }).click();
  await page.getByRole('combobox').fill('Fair');
  await page.getByRole('option', { name: /Fair/ }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByText('60 profiles match')).toBeVisible();
  await page.getByRole('columnheader').first().locator('label').click();
  await page.getByRole('button', { name: 'Select all 60 that match' }).click();
  const bar = page.getByRole('region', { name: 'Selected profiles' });

  await bar.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('menuitem', { name: 'Set an attribute…' }).click();
  const setting = page.getByRole('dialog', { name: 'Set an attribute of 60 profiles' });
  await setting.getByRole('button', { name: /Attribute/ }).click();
  await page.getByRole('option', { name: 'Birth date' }).click();
  await setting.getByLabel('Value', { exact: true }).fill('2999-01-01');
  await expect(setting.getByText(/is in the future/)).toBeVisible();
  await expect(setting.getByRole('button', { name: 'Apply changes' })).toBeDisabled();
  await setting.getByRole('button', { name: /Attribute/ }).click();
  await page.getByRole('option', { name: 'Last name' }).click();
  await setting.getByLabel('Value', { exact: true }).fill('Lund');
  await expect(setting.getByText(/48 of 60 have another value, which is replaced; 12 have it already/)).toBeVisible();
  await expectAccessible();
  await setting.getByRole('button', { name: 'Apply changes' }).click();
  await expect(page.getByText(/48 profiles changed/)).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText(/Done\. 48 profiles restored/)).toBeVisible();
  const toasts = await page.getByRole('region', { name: 'Notifications' }).boundingBox();
  const below = await bar.boundingBox();
  expect(toasts!.y + toasts!.height).toBeLessThanOrEqual(below!.y);

  await bar.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('menuitem', { name: 'Export…' }).click();
  const exporting = page.getByRole('dialog', { name: 'Export profiles' });
  await expect(exporting.getByRole('checkbox', { name: 'Last name' })).toBeChecked();
  await expect(exporting.getByRole('checkbox', { name: 'Last change' })).not.toBeChecked();
  await expectAccessible();
  // A refusal is shown in the dialog, and the file can be asked for again.
  const refusal = 'You are downloading 2 files already. Try again when one of them has finished.';
  await page.route(
    /profiles\/export\?.*&check$/,
    (route) => route.fulfill({ status: 429, json: { message: refusal } }),
    {
      times: 1,
    },
  );
  await exporting.getByRole('link', { name: 'Download CSV' }).click();
  await expect(exporting.getByText(refusal)).toBeVisible();
  const coming = page.waitForEvent('download');
  await exporting.getByRole('link', { name: 'Download CSV' }).click();
  const download = await coming;
  const text = fs.readFileSync(await download.path(), 'utf8');
  const [titles, ...lines] = text.trim().split('\r\n');
  // In the order of the list, not in the usual one.
  expect(titles).toBe('First name,Last name,Tags,Birth date');
  expect(lines).toHaveLength(60);
  expect(lines.filter((line) => line.includes('Lund'))).toHaveLength(12);
  await exporting.getByRole('button', { name: 'Close' }).last().click();

  await bar.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const deleting = page.getByRole('alertdialog', { name: 'Delete 60 profiles?' });
  await expect(deleting.getByRole('button', { name: 'Delete for good' })).toBeDisabled();
  await deleting.getByRole('textbox').fill('60');
  await expectAccessible();
  await deleting.getByRole('textbox').press('Enter');
  await expect(page.getByText('60 profiles deleted')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('No matching profiles')).toBeVisible();
});

test('an export whose database connection is lost is an error in the browser, not a shorter file', async ({
  page,
  account,
  signIn,
}) => {
  // More than the connection buffers, also after compression.
  const profiles = await addProfiles(account, 20_000);
  await execute(
    pool(),
    sql`update profile set attributes = attributes || jsonb_build_object('lastname', (
          select string_agg(md5(id::text || part), '') from generate_series(1, 40) part))
        where section_id = ${account.section.id} and id = any(${profiles}::bigint[])`,
  );
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  const list = JSON.stringify({ selection: { kind: 'all', filter: {} }, columns: ['attribute:lastname'] });
  const reading = await page.evaluateHandle(
    async (address) => {
      const answer = await fetch(address);
      const reader = answer.body!.getReader();
      await reader.read();
      return { status: answer.status, reader };
    },
    `/data/${account.section.slug}/profiles/export?list=${encodeURIComponent(list)}`,
  );
  expect(await reading.evaluate(({ status }) => status)).toBe(200);
  await execute(
    pool(),
    sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%reading%' and pid <> pg_backend_pid()`,
  );
  const end = await reading.evaluate(async ({ reader }) => {
    try {
      while (!(await reader.read()).done);
      return 'complete';
    } catch {
      return 'cut off';
    }
  });
  expect(end).toBe('cut off');
});
