// On a laptop, as after `npm start` with a new data folder.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnTagwell } from '@/testing/process';
import { expect, test } from './fixtures';

test('a visitor without a CRM connects the made-up one, empties a list on its page, and is asked before tags go', async ({
  page,
  context,
  expectAccessible,
}) => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-laptop-'));
  fs.chmodSync(dataDir, 0o755);
  const tagwell = await spawnTagwell({
    DATABASE_URL: '',
    TAGWELL_DATA_DIR: dataDir,
    TAGWELL_TEST_DATABASE: 'fast',
    TAGWELL_ALLOW_PRIVATE_ADDRESSES: '',
  });
  try {
    const [, password = ''] = /admin@example\.com\s+(\S+)/.exec(
      fs.readFileSync(path.join(dataDir, 'demo-sign-ins.txt'), 'utf8'),
    )!;
    await page.goto(`${tagwell.address}/sign-in?callbackUrl=/northern-outfitters/settings/integrations`);
    await page.getByLabel('Email').fill('admin@example.com');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Try it with a made-up CRM' }).click();

    await page.getByText('Newsletter readers', { exact: true }).click();
    await page.getByRole('button', { name: 'Add 1 list' }).click();
    await expect(page.getByText('Made-up', { exact: true })).toBeVisible();
    const connection = page.url();
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('button', { name: 'Apply exactly this' }).click();
    await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();

    await page.goto(connection);
    const opened = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Open the made-up CRM' }).click();
    const crm = await opened;
    await expect(crm.getByText('Not a real CRM')).toBeVisible();
    await expectAccessible(crm);
    const list = crm.getByRole('region', { name: 'Newsletter readers' });
    await list.getByRole('button', { name: 'Empty the list' }).click();
    await expect(list.getByText('0 members')).toBeVisible();
    await page.getByRole('button', { name: 'Sync now' }).click();
    await expect(page.getByText(/^The list is empty now/)).toBeVisible();
  } finally {
    await tagwell.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});
