import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { addProfiles, addTag, expect, pressWhenReady, test } from './fixtures';

test('a marketer creates a profile, edits it, finds it by attribute, and deletes it permanently', async ({
  page,

  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No profiles yet' })).toBeVisible();
  await pressWhenReady(page, 'n');
  await page.getByLabel('Email').fill('ada@');
  await page.getByLabel('First name').fill('Ada');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('dialog')).toContainText('email address');
  await expect(page.getByLabel('First name')).toHaveValue('Ada');
  await page.getByLabel('Email').fill('Ada@Example.com');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Ada', exact: true })).toBeVisible();
  await expect(page.getByText('ada@example.com').first()).toBeVisible();

  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Last name').fill('Lovelace');
  await page.getByLabel('Birth date').fill('1815-13-10');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toContainText('date');
  await page.getByLabel('Birth date').fill('1815-12-10');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
  await expect(page.getByText('Lovelace').first()).toBeVisible();

  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeDisabled();
  await dialog.getByLabel('Type “Ada Lovelace” to continue').fill('Ada Lovelace');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { name: 'No profiles yet' })).toBeVisible();
});

test('what a marketer types into a profile survives Escape, a concurrent edit and a reload', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [profile] = await addProfiles(account, 1);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('First name').fill('Ada');
  await page.keyboard.press('Escape');
  await expect(page.getByText('You have unsaved changes.')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await expect(page.getByLabel('First name')).toHaveValue('Ada');

  await execute(
    pool(),
    sql`
      update profile set attributes = attributes || '{"firstname": "Grace", "lastname": "Hopper"}', updated_at = clock_timestamp()
      where section_id = ${account.section.id} and id = ${profile}`,
  );
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Someone else saved this profile while you were editing.');
  await expect(dialog).toContainText('Someone else has changed this to “Grace”.');
  await expect(page.getByLabel('Last name')).toHaveValue('Hopper');
  await expect(page.getByLabel('First name')).toHaveValue('Ada');

  await page.reload();
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(dialog).toContainText('Your unsaved changes have been restored.');
  await expect(page.getByLabel('First name')).toHaveValue('Ada');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Ada Hopper' })).toBeVisible();
  await expect(page.getByText('First name: Grace → Ada')).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByText('Your unsaved changes have been restored.')).toBeHidden();
});

test('a page that was open when a tag was hidden and the profile deleted says so', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
}) => {
  const [profile] = await addProfiles(account, 1);
  await addTag(account, 'Old campaign');
  await addTag(account, 'VIP');
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await page.getByRole('button', { name: /Add or remove/ }).click();
  const picker = page.getByRole('combobox', { name: 'Tags of this profile' });
  await picker.fill('Old');
  await expect(page.getByRole('option', { name: /Old campaign/ })).toBeVisible();

  const elsewhere = await browser.newContext({ baseURL });
  const admin = await elsewhere.newPage();
  await signIn('admin', admin);
  await admin.goto(`/${account.section.slug}/settings/data-model/tags`);
  await admin.getByRole('button', { name: 'Hide Old campaign' }).click();
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(admin.getByRole('link', { name: 'Old campaign' })).toBeHidden();

  await page.getByRole('option', { name: /Old campaign/ }).click();
  await expect(page.getByText('“Old campaign” has been hidden')).toBeVisible();
  await expect(page.getByText('No tags yet')).toBeVisible();

  await admin.goto(`/${account.section.slug}/profiles/${profile}`);
  await admin.getByRole('button', { name: 'Delete' }).click();
  await admin.getByLabel('Type “Person 1” to continue').fill('Person 1');
  await admin.getByRole('button', { name: 'Delete for good' }).click();
  await expect(admin.getByRole('heading', { name: 'No profiles yet' })).toBeVisible();

  await picker.fill('VIP');
  await page.getByRole('option', { name: /VIP/ }).click();
  await expect(page.getByText('Profile not found').first()).toBeVisible();
  await elsewhere.close();
});

test('a marketer who types before the list of tags is loaded gets the existing tag, not a new one', async ({
  page,
  account,
  signIn,
}) => {
  const [profile] = await addProfiles(account, 1);
  await addTag(account, 'VIP');
  await signIn('user');
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/data/*/tags', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await pressWhenReady(page, 't');
  await page.keyboard.type('vip');
  await expect(page.getByText('Loading tags…')).toBeVisible();
  await expect(page.getByRole('option')).toHaveCount(0);
  await page.keyboard.press('Enter');
  release();
  const chips = page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem');
  await expect(chips).toHaveText(['VIP']);
  await expect(page.getByText('“VIP” applied')).toBeVisible();
  await page.reload();
  await expect(chips).toHaveText(['VIP']);
});
