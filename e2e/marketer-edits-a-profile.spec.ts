import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import type { ProfileId } from '@/lib/db/ids';
import { updateProfile } from '@/lib/profiles/commands';
import { addAttribute, addProfiles, addTag, expect, personOf, pressWhenReady, test } from './fixtures';

test('a marketer creates a profile, edits it, finds it by attribute, and deletes it permanently', async ({
  page,

  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  await page.goto('/');
  await page.getByRole('link', { name: 'Profiles' }).click();
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
  await page.getByLabel('Birth date').fill('2999-12-10');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toContainText('is in the future');
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
  await page.route(/\/data\/[^/]+\/tags(\?|$)/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await pressWhenReady(page, 't');
  await page.keyboard.type('vip');
  await expect(page.getByText('Searching…')).toBeVisible();
  await expect(page.getByRole('option')).toHaveCount(0);
  await page.keyboard.press('Enter');
  release();
  const chips = page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem');
  await expect(chips).toHaveText(['VIP']);
  await expect(page.getByText('“VIP” applied')).toBeVisible();
  await page.reload();
  await expect(chips).toHaveText(['VIP']);
});

test('a marketer edits a value in place, and undoes a change of tags, by keyboard only', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [profile] = (await addProfiles(account, 1)) as [ProfileId];
  const admin = await personOf(account, 'admin');
  await addAttribute(account, { name: 'Spent', code: 'spent', type: 'number' }, new Map([[profile, 11766.73]]));
  await addTag(account, 'Lime: Lead', [profile]);
  await addTag(account, 'Newsletter', [profile]);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await expect(page).toHaveTitle('Person 1 · Tagwell');
  await expect(page.getByRole('button', { name: 'Change Spent: 11,766.73' })).toBeVisible();

  // Enter edits, Escape keeps what was typed, Enter saves; the focus is on the row again.
  const name = page.getByRole('button', { name: /^Change First name:/ });
  await expect(async () => {
    await name.press('Enter');
    await expect(page.getByRole('textbox', { name: 'First name' })).toBeFocused({ timeout: 500 });
  }).toPass();
  const input = page.getByRole('textbox', { name: 'First name' });
  await input.fill('Zoë 👩‍🔬');
  await input.press('Escape');
  await expect(page.getByText('Not saved: “Zoë 👩‍🔬”')).toBeVisible();
  await expect(name).toBeFocused();
  await page.reload();
  await expect(page.getByText('Not saved: “Zoë 👩‍🔬”')).toBeVisible();
  await expectAccessible();

  const theirs = { sectionId: account.section.id, profileId: profile, keys: [], attributes: { firstname: 'Grace' } };
  expect(await updateProfile(admin, theirs)).toMatchObject({ ok: true });
  await pressWhenReady(page, 'Shift');
  await name.press('Enter');
  await expect(input).toHaveValue('Zoë 👩‍🔬');
  await input.press('Enter');
  await expect(page.getByText('Someone else has changed this in the meantime.')).toBeVisible();
  await expect(page.getByText('Someone else has changed this to “Grace”.')).toBeVisible();
  await expectAccessible();
  await input.press('Enter');
  await expect(page.getByRole('heading', { name: 'Zoë 👩‍🔬 1' })).toBeVisible();
  await expect(name).toBeFocused();
  await expect(page.getByText('First name: Grace → Zoë 👩‍🔬')).toBeVisible();

  // A wrong value is said beside the field, and stays.
  await page.getByRole('button', { name: /^Change Spent:/ }).press('Enter');
  const spent = page.getByRole('textbox', { name: 'Spent' });
  await spent.fill('a lot');
  await spent.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: '“a lot” is not a number' })).toBeVisible();
  await expect(spent).toHaveValue('a lot');
  await page.getByRole('button', { name: 'Cancel' }).click();

  // Removing a chip leaves the focus on the name of the next one; undo brings the tag back as it was, in its group.
  await page.getByRole('button', { name: 'Remove Lime: Lead' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Newsletter: where it came from' })).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Lime: Lead: where it came from' })).toBeFocused();
  await expect(page.getByRole('listitem').filter({ hasText: 'Lime: Lead removed, and undone' })).toBeVisible();

  // One press undoes while the picker is open, and the picker stays.
  await page.getByRole('button', { name: /Add or remove/ }).click();
  await page.getByRole('option', { name: /Newsletter/ }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Newsletter removed, and undone')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Tags of this profile' })).toBeVisible();
});

test('a marketer writes a note with HTML in it, edits it and deletes it; it is shown as text', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [profile] = await addProfiles(account, 1);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await pressWhenReady(page, 'Shift');
  const html = '<img src=x onerror="document.title=1"> <b>Call</b> ' + 'x'.repeat(100);
  await page.getByLabel('New note').fill(html);
  await page.keyboard.press('Control+Enter');
  const notes = page.getByRole('list', { name: 'Notes on this profile' }).getByRole('listitem');
  await expect(notes).toContainText(html);
  await expect(notes.locator('img, b')).toHaveCount(0);
  await expect(page.getByLabel('New note')).toHaveValue('');
  await expect(page.getByRole('listitem').filter({ hasText: 'By hand by Mia Marketer' })).toContainText(html);
  await expectAccessible();

  await page.getByRole('button', { name: 'Edit the note' }).click();
  const text = page.getByRole('textbox', { name: 'Note', exact: true });
  await text.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toContainText('Write something first.');
  await text.fill('Called');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(notes).toContainText('Called');
  await expect(notes).toContainText('edited');

  await page.getByRole('button', { name: 'Delete the note' }).click();
  await page.keyboard.press('Enter');
  await expect(notes).toHaveCount(0);
  await expect(page.getByLabel('New note')).toBeFocused();
});

test('a marketer goes through the profiles of a list by keyboard, and back to the list', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await addProfiles(account, 3);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles?q=person`);
  await page.getByRole('link', { name: 'Person 2' }).click();
  await expect(page.getByText('2 of 3 on the page')).toBeVisible();
  await expectAccessible();
  await page.keyboard.press(']');
  await expect(page.getByRole('heading', { name: 'Person 1' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Next profile' })).toBeDisabled();
  await page.keyboard.press('[');
  await expect(page.getByRole('heading', { name: 'Person 2' })).toBeVisible();
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await expect(page).toHaveURL(/profiles\?q=person$/);
});
