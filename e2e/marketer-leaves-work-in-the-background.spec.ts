import type { Page } from '@playwright/test';
import { addProfiles, addTag, expect, holdProfile, test } from './fixtures';

test('a marketer leaves a bulk change in the background, sees it on every page, and is told of its end once', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 3);
  await addTag(account, 'VIP');
  await signIn('user');
  const { slug } = account.section;
  await page.goto(`/${slug}/profiles`);
  await page.getByRole('columnheader').first().locator('label').click();
  const bar = page.getByRole('region', { name: 'Selected profiles' });
  await bar.getByRole('button', { name: 'Tag…' }).click();
  await page.getByRole('combobox', { name: 'Tags to apply or to remove' }).fill('VIP');
  await page.getByRole('option', { name: /VIP/ }).click();
  const held = await holdProfile(account, profiles[0]!);
  await page.getByRole('button', { name: 'Apply changes' }).click();
  await page.getByRole('button', { name: 'Continue in the background' }).click();
  await expect(page.getByText('This continues in the background')).toBeVisible();
  await expect(bar).toBeHidden();

  await page.getByRole('link', { name: 'Tags', exact: true }).click();
  await page.getByRole('button', { name: '1 running' }).click();
  const list = page.getByRole('dialog', { name: 'Running in the background' });
  await expect(list).toContainText('Apply “VIP”: 3 profiles');
  await expect(list.getByRole('button', { name: /^Stop/ })).toBeVisible();
  await expectAccessible();
  await page.keyboard.press('Escape');

  const other = await page.context().newPage();
  await other.goto(`/${slug}/profiles`);
  await expect(other.getByRole('button', { name: '1 running' })).toBeVisible();
  await other.getByRole('row').nth(2).locator('label').click();
  await held.commit();
  const told = (tab: Page) => tab.getByText('Done. 3 profiles processed · 3 tags applied').count();
  await expect.poll(async () => (await told(page)) + (await told(other))).toBe(1);
  await expect(page.getByRole('button', { name: '1 running' })).toBeHidden();
  await Promise.all([page.waitForResponse(/operations\/background/), page.reload()]);
  expect(await told(page)).toBe(0);

  // The other tab shows what has changed, at once and when one comes back to it, and the selection stays.
  await expect(other.getByRole('row').getByText('VIP').filter({ visible: true })).toHaveCount(3);
  await addTag(account, 'Newsletter', profiles);
  await other.evaluate(() => {
    window.dispatchEvent(new Event('blur'));
    const now = Date.now.bind(Date);
    Date.now = () => now() + 60_000;
    window.dispatchEvent(new Event('focus'));
  });
  await expect(other.getByRole('row').getByText('Newsletter').filter({ visible: true })).toHaveCount(3);
  await expect(other.getByRole('region', { name: 'Selected profiles' })).toContainText('1 selected');
});
