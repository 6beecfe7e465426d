import fs from 'node:fs';
import { expect, test } from './fixtures';

const HEADER = 'First name,Email,Note';
const bad = ['Bo,not-an-address,"=1+1"', ',,nobody'];

test('a marketer imports a file with two bad rows, downloads them with the reasons, and undoes the import', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const good = Array.from({ length: 40 }, (_, index) => `Person ${index},p${index}@example.com,kept`);
  const file = [HEADER, ...good.slice(0, 20), ...bad, ...good.slice(20)].join('\r\n');
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'leads.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await expect(page.getByRole('heading', { name: 'leads.csv' })).toBeVisible();
  await page.getByRole('button', { name: 'Import 42 rows' }).click();
  await expect(page.getByText('40 new')).toBeVisible();
  const rejected = page.getByRole('region', { name: 'Rejected rows' });
  await expect(rejected.getByRole('row', { name: /not-an-address/ })).toContainText('22');
  await expectAccessible();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  const csv = fs.readFileSync(await (await download).path(), 'utf8');
  expect(csv).toContain('not-an-address');
  expect(csv).not.toMatch(/[,"]=1\+1/);

  await page.getByRole('button', { name: 'Undo the import' }).click();
  const preview = page.getByRole('alertdialog', { name: 'What the undo will do' });
  await expect(preview).toContainText('40 people will be deleted');
  await expectAccessible();
  await preview.getByRole('button', { name: 'Undo it' }).click();
  await expect(page.getByText('40 new profiles removed')).toBeVisible();
  await page.goto(`/${account.section.slug}/imports`);
  await expect(page.getByRole('row', { name: /leads\.csv/ })).toContainText('Undone');
  await expectAccessible();
  await page.goto(`/${account.section.slug}/profiles`);
  await expect(page.getByRole('heading', { name: 'No profiles yet' })).toBeVisible();
});

test('an invalid file is refused with a reason, and the next one is accepted', async ({ page, account, signIn }) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  const choose = (name: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer });
  await choose('empty.csv', Buffer.alloc(0));
  await expect(page.getByText('The file is empty')).toBeVisible();
  await choose('picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48]));
  await expect(page.getByText('it looks like an image')).toBeVisible();
  await choose('good.csv', Buffer.from('Email\nada@example.com\n'));
  await expect(page.getByRole('heading', { name: 'good.csv' })).toBeVisible();
});
