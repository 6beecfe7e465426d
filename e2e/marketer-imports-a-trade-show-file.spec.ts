import path from 'node:path';
import { expect, test } from './fixtures';

test('a marketer imports us-500.csv with the tag "Trade Show Lead", opens a profile and adds "VIP" from the keyboard', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  await expectAccessible();
  await page.locator('input[type=file]').setInputFiles(path.resolve('testing/files/us-500.csv'));
  await expect(page.getByRole('heading', { name: 'us-500.csv' })).toBeVisible();
  await expect(page.getByText('No tag is chosen, so no tag will be applied')).toBeVisible();
  await expect(
    page.getByRole('button', { name: 'Email', exact: true }).or(page.getByLabel('Import Email as')),
  ).toBeVisible();
  await expectAccessible();

  const apply = page.getByRole('combobox', { name: 'Tags to apply' });
  await apply.fill('Trade Show Lead');
  await page.getByRole('option', { name: 'Create “Trade Show Lead”' }).click();
  await expect(page.getByText('Apply Trade Show Lead.')).toBeVisible();
  const chosen = page.getByRole('list', { name: 'Tags to apply: chosen' }).getByRole('listitem');
  await expect(chosen).toHaveText(['Trade Show Leadnew']);
  await page.getByRole('button', { name: 'Import 500 rows' }).click();
  await expect(page.getByText('500 new · 500 tags applied', { exact: true })).toBeVisible();
  await expectAccessible();

  await page.getByRole('link', { name: 'Show the tagged profiles' }).click();
  await expect(page.getByText('500 profiles match')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search profiles' }).fill('josephine_darakjy');
  await expect(page.getByText('1 profile match')).toBeVisible();
  await page.getByRole('link', { name: 'Josephine Darakjy' }).click();
  await expect(page.getByRole('heading', { name: 'Josephine Darakjy' })).toBeVisible();

  await page.keyboard.press('t');
  await expect(page.getByRole('combobox', { name: 'Tags of this profile' })).toBeFocused();
  await page.keyboard.type('VIP');
  await expect(page.getByRole('option', { name: 'Create “VIP”' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  const chips = page.getByRole('list', { name: 'Tags on this profile' });
  await expect(chips.getByText('VIP')).toBeVisible();
  await expect(page.getByText('“VIP” applied')).toBeVisible();
  await expectAccessible();

  await chips.getByRole('button', { name: 'Trade Show Lead: where it came from' }).click();
  await expect(page.getByRole('dialog', { name: 'Where “Trade Show Lead” came from' })).toContainText(
    'Import by Mia Marketer · us-500.csv',
  );
});
