import { expect, test } from './fixtures';

test('a marketer sees what was assumed about dates and numbers, changes it, and sees what was left out; the next file is filled in', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  const upload = async (name: string, content: string) => {
    await page.goto(`/${account.section.slug}/imports/new`);
    await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
    await expect(page.getByRole('heading', { name })).toBeVisible();
  };
  await upload('members.csv', 'Email,Birthday,Points\na@x.se,03/04/1990,"1,234"\nb@x.se,0/0/00,"2,500"\n');

  // The birthday is recognised by its name, and the points are a new attribute: neither requires reading the file
  // again.
  await expect(page.getByText('Assumed: day first.')).toBeVisible();
  await expect(page.getByText('03/04/1990 → 1990-04-03')).toBeVisible();
  await page.getByRole('button', { name: 'Import Points as' }).click();
  await page.getByRole('option', { name: 'New attribute…' }).click();
  await page.getByRole('button', { name: 'Type' }).click();
  await page.getByRole('option', { name: 'Number' }).click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('Nothing in the column shows whether point or comma is the decimal sign')).toBeVisible();
  await expectAccessible();

  await page.getByRole('button', { name: 'Dates in Birthday' }).click();
  await page.getByRole('option', { name: 'Month first: 11/30/2025' }).click();
  await expect(page.getByText('03/04/1990 → 1990-03-04')).toBeVisible();
  await page.getByRole('button', { name: 'Decimal sign in Points' }).click();
  await page.getByRole('option', { name: 'Point: 1,234.5' }).click();
  await expect(page.getByText('1,234 → 1234')).toBeVisible();
  await expect(page.getByText('of the first 2 rows would be rejected')).toBeHidden();

  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  const leftOut = page.getByRole('region', { name: 'Values left out' }).first();
  await expect(leftOut).toContainText('“0/0/00” means that there is no date');
  await expectAccessible();

  await upload('members-june.csv', 'Email,Birthday,Points\nc@x.se,31/12/1990,"0,5"\n');
  await expect(page.getByText('Filled in from the import of “members.csv”')).toBeVisible();
  // The evidence in these cells takes precedence over the earlier choice.
  await expect(page.getByText('31/12/1990 → 1990-12-31')).toBeVisible();
  await expect(page.getByText('0,5 → 0.5')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Use the suggestions instead' }).click();
  await expect(page.getByText('Filled in from the import of')).toBeHidden();
  await expect(page.getByText('31/12/1990 → 1990-12-31')).toBeVisible();
});
