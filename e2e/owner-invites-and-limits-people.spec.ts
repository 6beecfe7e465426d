import { expect, PASSWORD, test } from './fixtures';

test('an owner invites somebody to one section, makes them an Admin and deactivates them; each takes effect at once', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('owner');
  await page.goto(`/${account.section.slug}/settings/users`);
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByLabel('Email').fill(`nina.${account.id}@example.com`);
  await page.getByText('Only these').click();
  await page.getByText('Norway', { exact: true }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Create invitation' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('Open invitations')).toBeVisible();

  const theirs = await browser.newContext({ baseURL });
  const nina = await theirs.newPage();
  await nina.goto(link);
  await nina.getByLabel('Your name').fill('Nina New');
  await nina.getByLabel('Password').fill('short');
  await nina.getByRole('button', { name: 'Join' }).click();
  await expect(nina.getByText('at least 12 characters', { exact: false }).last()).toBeVisible();
  await nina.getByLabel('Password').fill('another long password');
  await nina.getByRole('button', { name: 'Join' }).click();
  await expect(nina.getByRole('heading', { name: 'Home', exact: true })).toBeVisible();
  await expect(nina.getByRole('button', { name: 'Section: Norway' })).toBeVisible();
  await nina.goto(`/${account.section.slug}/profiles`);
  await expect(nina.getByText('Page not found')).toBeVisible();
  await nina.goto(link);
  await expect(nina.getByText('has been used')).toBeVisible();

  await page.reload();
  await page.getByRole('button', { name: 'Actions for Nina New' }).click();
  await page.getByRole('menuitem', { name: 'Change role and sections' }).click();
  await page
    .getByRole('dialog')
    .locator('label', { hasText: /^Admin/ })
    .click();
  await page.getByText('All, including those added later').click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Nina New/ })).toContainText('Admin');
  await nina.goto(`/${account.section.slug}/settings/data-model/tags`);
  await expect(nina.getByRole('button', { name: 'Add New Tag' }).first()).toBeVisible();

  await page.getByRole('button', { name: 'Actions for Nina New' }).click();
  await page.getByRole('menuitem', { name: 'Deactivate' }).click();
  await expect(page.getByText('Nina New can no longer sign in')).toBeVisible();
  await nina.reload();
  await expect(nina.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await nina.getByLabel('Email').fill(`nina.${account.id}@example.com`);
  await nina.getByLabel('Password').fill('another long password');
  await nina.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(nina.getByText('The email address or the password is wrong.')).toBeVisible();
  await theirs.close();
});

test('a changed password ends the other sessions, not this one', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  const elsewhere = await browser.newContext({ baseURL });
  const other = await elsewhere.newPage();
  await signIn('user', other);
  await signIn('user');
  await page.goto('/');
  await page.getByRole('button', { name: /Mia Marketer/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'My account' })).toBeVisible();
  await expectAccessible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('a different long password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Other sessions have ended')).toBeVisible();
  await other.goto(`/${account.section.slug}/profiles`);
  await expect(other.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await page.goto(`/${account.section.slug}/profiles`);
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
  await elsewhere.close();
});
