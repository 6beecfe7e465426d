import { addManyTags, addProfiles, addTag, expect, pressWhenReady, test } from './fixtures';

test('an admin creates an attribute with choices, changes them, and hides it', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/attributes`);
  await page.getByRole('button', { name: 'Add attribute' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Shirt size');
  await page.getByRole('button', { name: /Text.*Type/ }).click();
  await page.getByRole('option', { name: 'Choice' }).click();
  await page.getByLabel('Choices').fill('S\nM\nL');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Shirt size/ })).toContainText('S, M, L');
  await page.getByRole('button', { name: 'Edit Shirt size' }).click();
  await page.getByLabel('Choices').fill('S\nM\nL\nXL');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Shirt size/ })).toContainText('S, M, L, XL');

  // Builds an index of its values in the background, and removes it again.
  await page.getByRole('button', { name: 'Speed up segments: Shirt size' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Build the index' }).click();
  await expect(page.getByRole('row', { name: /Shirt size/ })).toContainText('Fast in segments');
  await page.getByRole('button', { name: 'Speed up segments: Shirt size' }).click();
  await page.getByRole('button', { name: 'Remove the index' }).click();
  await expect(page.getByRole('row', { name: /Shirt size/ })).not.toContainText('Fast in segments');
  await page.getByRole('button', { name: 'Hide Shirt size' }).click();
  await expect(page.getByRole('row', { name: /Shirt size/ })).toContainText('Hidden');
  await expectAccessible();
});

test('an admin renames a tag onto a taken name and merges instead', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 5);
  await addTag(account, 'Trade fair', profiles.slice(0, 3));
  await addTag(account, 'Trade show', profiles.slice(2));
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await page.getByRole('button', { name: 'Edit Trade fair' }).click();
  await page.getByLabel('Name', { exact: true }).fill('TRADE  SHOW');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Preview the merge' }).click();
  await expect(page.getByText('2 will get “Trade show”')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Merge and hide “Trade fair”' }).click();
  await expect(page.getByRole('link', { name: 'Trade fair' })).toBeHidden();
  await page.goto(`/${account.section.slug}/activity`);
  await expect(page.getByRole('row', { name: /Merge/ })).toContainText('2 profiles got the other tag');
  await page.goto(`/${account.section.slug}/settings/data-model/tags?show=hidden`);
  await expect(page.getByRole('row', { name: /Trade fair/ })).toContainText('merged into “Trade show”');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await page.getByRole('link', { name: 'Trade show' }).click();
  await expect(page.getByRole('heading', { name: 'Growth by source' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Growth by source' })).toContainText('Merge');
  await expectAccessible();
});

test('the tags table and the picker stay fast with 5,000 tags', async ({ page, account, signIn }) => {
  await addManyTags(account, 5_000);
  const [profile] = await addProfiles(account, 1);
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await expect(page.getByText('5,000 of 5,000 tags')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('campaign 4999');
  await expect(page.getByText('1 of 5,000 tags')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Campaign 4999' })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('');
  await expect(page.getByText('5,000 of 5,000 tags')).toBeVisible();
  await page.locator('h1').click();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(page.getByRole('link', { name: 'Campaign 999', exact: true })).toBeVisible();

  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await pressWhenReady(page, 't');
  await page.keyboard.type('4321');
  await expect(page.getByRole('option', { name: /Campaign 4321/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('list', { name: 'Tags on this profile' })).toContainText('Campaign 4321');
});
