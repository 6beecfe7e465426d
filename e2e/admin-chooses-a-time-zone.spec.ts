import { expect, test } from './fixtures';

test('an admin gives the section its time zone by keyboard', async ({ page, account, signIn, expectAccessible }) => {
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/sections`);
  await page.getByRole('button', { name: 'Edit Sweden' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit “Sweden”' });
  await dialog.getByRole('button', { name: /Time zone/ }).press('Enter');
  // The dialog around it does not keep the focus: what is typed goes into the search.
  const search = page.getByRole('combobox', { name: 'Time zone' });
  await expect(search).toBeFocused();
  await page.keyboard.type('stockh');
  await expect(page.getByRole('option')).toHaveCount(1);
  await expectAccessible();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: /Time zone/ })).toHaveText('Europe/Stockholm');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Edit Sweden' }).click();
  await expect(dialog.getByRole('button', { name: /Time zone/ })).toHaveText('Europe/Stockholm');
});
