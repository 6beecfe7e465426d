import { addProfiles, addTag, chooseByEnter, expect, pressWhenReady, test } from './fixtures';

test('a marketer writes, moves, undoes and saves rules by keyboard only', async ({ page, account, signIn }) => {
  const people = await addProfiles(account, 10);
  await addTag(account, 'VIP', people.slice(0, 4));
  await addTag(account, 'Partner', people.slice(2, 6));
  await signIn('user');
  await page.goto(`/${account.section.slug}/segments`);
  await expect(page.getByRole('heading', { name: 'No segments yet' })).toBeVisible();
  await pressWhenReady(page, 'n');
  await expect(page.getByRole('heading', { name: 'New segment' })).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.type('By keyboard');
  const total = page.getByTestId('total');
  const add = async (what: string) => {
    await page.getByRole('button', { name: 'Add a condition' }).last().focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('combobox', { name: 'Add a condition' })).toBeFocused();
    await page.keyboard.type(what);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('combobox', { name: 'Add a condition' })).toBeHidden();
  };
  await add('VIP');
  await add('Partner');
  await expect(total).toHaveText('2');
  await page.getByRole('combobox', { name: 'How many of the conditions must be true' }).focus();
  await page.keyboard.type('any');
  await expect(total).toHaveText('6');
  await page.keyboard.press('Control+z');
  await expect(total).toHaveText('2');
  await page.keyboard.press('Control+y');
  await expect(total).toHaveText('6');

  await page.getByRole('button', { name: /^Move: who has Partner/ }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('button', { name: /^Move: who has Partner/ })).toBeFocused();
  await expect(page.getByRole('region', { name: 'Profiles that match' })).toContainText(
    'Everyone who has either Partner or VIP.',
  );
  await page.keyboard.press('ArrowUp');
  await expect(page.getByText('It cannot move further that way.')).toBeAttached();
  await page.getByRole('button', { name: 'Remove: who has VIP' }).focus();
  await page.keyboard.press('Enter');
  await expect(total).toHaveText('4');
  await page.keyboard.press('Control+z');
  await expect(total).toHaveText('6');
  await page.getByRole('button', { name: 'Add an “and” group' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'A group: an empty group' })).toContainText('of this is true');
  await expect(page.getByRole('button', { name: 'Add a condition' }).first()).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('group', { name: 'A group: an empty group' })).toBeHidden();
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('region', { name: 'Members', exact: true })).toContainText('6 profiles');
  await page.keyboard.press('e');
  await expect(page.getByRole('heading', { name: 'Edit “By keyboard”' })).toBeVisible();
});

test('incomplete rules are marked on saving, and nothing typed is lost', async ({ page, account, signIn }) => {
  await addProfiles(account, 2);
  await addTag(account, 'VIP');
  await signIn('user');
  await page.goto(`/${account.section.slug}/segments/new`);
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'incomplete' })).toBeVisible();
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: 'Add a condition' }), 'Birth');
  await page.getByRole('combobox', { name: /How Birth date is compared/ }).selectOption('is in the last');
  await page.getByRole('textbox', { name: 'Birth date: how many days' }).fill('thirty');
  await expect(page.getByText('Enter a whole number.', { exact: true }).first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Birth date: how many days' }).fill('30');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByText('Enter a name.')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('New-borns');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'Nobody is in it' })).toBeVisible();
});
