import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { addProfiles, addTag, expect, pressWhenReady, test } from './fixtures';

test('an admin renames a tag, limits its Allowed Operations and hides another permanently', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 3);
  await addTag(account, 'Webinar', profiles);
  await addTag(account, 'Old campaign', profiles.slice(0, 2));
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await expectAccessible();

  await page.getByRole('button', { name: 'Edit Webinar' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Webinar Participant');
  await page.getByText('Mobile').waitFor();
  await page
    .getByRole('row', { name: /Mobile/ })
    .locator('label')
    .nth(1)
    .click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('link', { name: 'Webinar Participant' })).toBeVisible();

  await page.getByRole('button', { name: 'Edit Webinar Participant' }).click();
  await expect(page.getByRole('checkbox', { name: 'Write by Mobile' })).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Read by Mobile' })).toBeChecked();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Hide Old campaign' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('2 profiles have it.');
  await expect(dialog).toContainText('This action cannot be undone.');
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Old campaign' })).toBeHidden();
  await expect(page.locator('[role=row]:focus')).toHaveCount(1);

  await page.goto(`/${account.section.slug}/settings/data-model/tags?show=hidden`);
  await expect(page.getByRole('row', { name: /Old campaign/ })).toContainText('by Adam Admin');
  await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
  await expect(page.getByRole('list', { name: 'Tags on this profile' })).not.toContainText('Old campaign');
});

test('a tag cannot be hidden while its impact cannot be loaded', async ({ page, account, signIn }) => {
  const tag = await addTag(account, 'Old campaign', await addProfiles(account, 2));
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  const actions = `**/${account.section.slug}/settings/data-model/tags`;
  await page.route(actions, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Hide Old campaign' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('so the tag cannot be hidden yet');
  await expect(dialog.getByRole('button', { name: 'Hide', exact: true })).toBeDisabled();
  await page.unroute(actions);
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog).toContainText('2 profiles have it.');
  await dialog.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Old campaign' })).toBeHidden();
  const { hidden } = await one<{ hidden: boolean }>(
    pool(),
    sql`select hidden_at is not null as hidden from tag where section_id = ${account.section.id} and id = ${tag}`,
  );
  expect(hidden).toBe(true);
});

test('an admin uses the tags table by keyboard', async ({ page, account, signIn }) => {
  await addTag(account, 'Alpha');
  await addTag(account, 'Beta');
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await expect(page.getByRole('link', { name: 'Alpha' })).toBeVisible();
  await pressWhenReady(page, '/');
  await expect(page.getByRole('searchbox', { name: 'Search tags' })).toBeFocused();
  await page.keyboard.type('bet');
  await expect(page.getByRole('link', { name: 'Alpha' })).toBeHidden();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('h');
  await expect(page.getByRole('alertdialog', { name: 'Hide “Beta”?' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('n');
  await page.keyboard.type('Betas');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Did you mean “Beta”?')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('You have unsaved changes.')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Betas');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Edit “Beta”' })).toBeVisible();
});
