import fs from 'node:fs';
import { addTag, expect, test } from './fixtures';

test('an admin finds who renamed a tag in the audit log, and exports it without a formula', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await addTag(account, 'Webinar');
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await page.getByRole('button', { name: 'Edit Webinar' }).click();
  await page.getByLabel('Name', { exact: true }).fill('=HYPERLINK("https://evil.example")');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved')).toBeVisible();

  await page.goto(`/${account.section.slug}/settings/audit-log`);
  await expect(page.getByRole('cell', { name: /Webinar/ })).toBeVisible();
  await expectAccessible();
  await page.getByLabel('Who').selectOption('Adam Admin');
  await page.getByRole('searchbox', { name: 'Text' }).fill('webinar');
  await expect(page).toHaveURL(/q=webinar/);
  await expect(page.getByTitle('tags.update')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Adam Admin' }).first()).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const csv = fs.readFileSync(await (await download).path(), 'utf8');
  expect(csv).toContain('Webinar');
  expect(csv).not.toMatch(/(^|[,"\r\n])=HYPERLINK/);

  await page.getByLabel('Who').selectOption('Mia Marketer');
  await expect(page.getByText('No matching entries')).toBeVisible();
});
