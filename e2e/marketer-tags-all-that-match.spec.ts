import { addProfiles, addTag, expect, pressWhenReady, test } from './fixtures';

test('a marketer tags all profiles that match, sees what will change first, and undoes it', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 120);
  await addTag(account, 'Newsletter', profiles);
  await addTag(account, 'Partner', profiles.slice(0, 20));
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('button', { name: 'Tags', exact: true }).click();
  await page.getByRole('combobox').fill('Newsl');
  await page.getByRole('option', { name: /Newsletter/ }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByText('120 profiles match')).toBeVisible();
  await page.getByRole('columnheader').first().locator('label').click();
  await page.getByRole('button', { name: 'Select all 120 that match' }).click();
  const bar = page.getByRole('region', { name: 'Selected profiles' });
  await expect(bar).toContainText('120 selected');
  await expectAccessible();

  await bar.getByRole('button', { name: 'Tag…' }).click();
  const picker = page.getByRole('combobox', { name: 'Tags to apply or to remove' });
  await picker.fill('Partner');
  await page.getByRole('option', { name: /Partner/ }).click();
  await expect(page.getByText('Partner: 100 profiles change')).toBeVisible();
  await expect(page.getByText('You can undo it afterwards.')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Apply changes' }).click();
  await expect(page.getByText('100 tags applied')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();

  await page.goto(`/${account.section.slug}/activity`);
  await page.getByLabel('What').selectOption('Bulk tag changes');
  await page.getByRole('searchbox', { name: 'Text' }).fill('partner');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row', { name: /Apply “Partner”/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('All profiles with Newsletter.')).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'Profiles that got a tag' }).click();
  await expect(page.getByText('100 profiles match')).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Undo' }).click();
  const preview = page.getByRole('alertdialog', { name: 'What the undo will do' });
  await expect(preview).toContainText('will be removed from 100 people');
  await preview.getByRole('button', { name: 'Undo it' }).click();
  await expect(page.getByText('100 tag changes undone')).toBeVisible();

  await page.getByRole('button', { name: 'Redo' }).click();
  const again = page.getByRole('alertdialog', { name: 'What the redo will do' });
  await expect(again).toContainText('will be applied again to 100 people');
  await again.getByRole('button', { name: 'Redo it' }).click();
  await expect(page.getByText('100 tag changes made again')).toBeVisible();
  await expectAccessible();
});

test('a marketer selects rows with the keyboard and sees which tags some of them have', async ({
  page,
  account,
  signIn,
}) => {
  const profiles = await addProfiles(account, 3);
  await addTag(account, 'On all', profiles);
  await addTag(account, 'On one', profiles.slice(2));
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await expect(page.getByText('3 profiles')).toBeVisible();
  await pressWhenReady(page, 'ArrowUp');
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  const bar = page.getByRole('region', { name: 'Selected profiles' });
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'Tag…' }).click();
  await expect(page.getByRole('option', { name: /On all/ })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('option', { name: /On one/ })).toContainText('on some');
});
