import { test as base, expect } from '@playwright/test';
import { startTagwell } from './server';
import { setUpAccount } from './set-up';

const test = base.extend<object, { tagwell: Awaited<ReturnType<typeof startTagwell>> }>({
  tagwell: [
    async ({ browserName: _browserName }, use) => {
      const tagwell = await startTagwell('operator.log');
      await use(tagwell);
      await tagwell.stop();
    },
    { scope: 'worker' },
  ],
});

test('an operator follows the one-time link, and pages recover by themselves when the database was restarted', async ({
  page,
  tagwell,
}) => {
  const link = await setUpAccount(page, tagwell);

  await page.goto(link);
  await expect(page.getByText('This set-up link has been used')).toBeVisible();

  await tagwell.stopDatabase();
  expect((await page.request.get(`${tagwell.address}/readyz`)).status()).toBe(503);
  expect((await page.request.get(`${tagwell.address}/healthz`)).status()).toBe(200);
  await page.goto(`${tagwell.address}/norway/profiles`);
  await expect(page.getByText('This page cannot be shown right now')).toBeVisible();
  await tagwell.startDatabase();
  await expect(page.getByRole('heading', { name: 'No profiles yet' })).toBeVisible({ timeout: 20_000 });
  expect((await page.request.get(`${tagwell.address}/metrics`)).status()).toBe(200);
});
