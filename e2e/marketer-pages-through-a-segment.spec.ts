import { addProfiles, addTag, expect, test } from './fixtures';

test('a marketer pages through a segment, selects all of it, and sees when it cannot be counted', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const vip = await addTag(account, 'VIP', await addProfiles(account, 120));
  await signIn('user');
  await page.goto(`/${account.section.slug}/segments/new?has=${vip}`);
  await page.getByLabel('Name', { exact: true }).fill('VIPs');
  await page.getByRole('button', { name: 'Save segment' }).click();
  const members = page.getByRole('region', { name: 'Members', exact: true });
  await expect(members).toContainText('120 profiles');
  await members.getByRole('button', { name: 'Older' }).click();
  await expect(members.getByRole('link', { name: 'Person 70', exact: true })).toBeVisible();
  await expect(members).toContainText('120 profiles');
  await members.getByRole('button', { name: 'Newer' }).click();
  await expect(members.getByRole('link', { name: 'Person 120', exact: true })).toBeVisible();

  // Without a connection the page stays, whatever is pressed.
  const address = page.url();
  await page.context().setOffline(true);
  await members.getByRole('button', { name: 'Older' }).click();
  await expect(page.getByText('There is no connection, so the page stays as it is.')).toBeVisible();
  await members.getByRole('link', { name: 'Person 120', exact: true }).click();
  await page.getByRole('link', { name: 'Tags', exact: true }).first().click();
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await expect(members.getByRole('link', { name: 'Person 120', exact: true })).toBeVisible();
  expect(page.url()).toBe(address);
  await page.context().setOffline(false);

  await members.getByRole('columnheader').first().locator('label').click();
  const bar = page.getByRole('region', { name: 'Selected profiles' });
  await expect(bar).toContainText('50 selected');
  await bar.getByRole('button', { name: 'Select all 120 that match' }).click();
  await expect(bar).toContainText('120 selected');
  await bar.getByRole('button', { name: 'Tag…' }).click();
  await expect(page.getByRole('dialog', { name: 'Tag 120 profiles' })).toBeVisible();
  await page.keyboard.press('Escape');
  await bar.getByRole('button', { name: 'Clear the selection' }).click();

  const message = 'This took longer than 60 seconds and was stopped.';
  let answer: 'never' | 'refused' = 'never';
  await page.route(/\/count$|\/profiles\/preview$/, async (route) => {
    if (answer === 'refused') await route.fulfill({ status: 429, json: { message } });
  });
  await page.getByRole('button', { name: 'Tag members…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Tag profiles' });
  await expect(dialog.getByText('Counting…')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  answer = 'refused';
  await page.getByRole('button', { name: 'Tag members…' }).click();
  await expect(dialog.getByRole('alert')).toContainText(message);
  await dialog.getByRole('option', { name: /VIP/ }).click();
  await expect(dialog.getByText('VIP: not counted')).toBeVisible();
  await expectAccessible();
});

test('an address with an impossible id shows the first page', async ({ page, account, signIn }) => {
  const vip = await addTag(account, 'VIP', await addProfiles(account, 3));
  await signIn('user');
  const beyond = 'before=99999999999999999999';
  await page.goto(`/${account.section.slug}/profiles?${beyond}`);
  await expect(page.getByRole('link', { name: 'Person 3', exact: true })).toBeVisible();
  await page.goto(`/${account.section.slug}/segments/new?has=${vip}`);
  await page.getByLabel('Name', { exact: true }).fill('VIPs');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'VIPs' })).toBeVisible();
  await page.goto(`${page.url()}?${beyond}`);
  await expect(page.getByRole('link', { name: 'Person 3', exact: true })).toBeVisible();
});
