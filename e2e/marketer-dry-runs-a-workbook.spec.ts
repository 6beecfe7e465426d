import * as XLSX from '@e965/xlsx';
import { expect, test } from './fixtures';

function workbook(): Buffer {
  const book = XLSX.utils.book_new();
  const old = [['Email'], ['nobody@example.com']];
  const members = [
    ['Förnamn', 'E-post', 'Kundnr', 'Medlem sedan', 'Taggar'],
    ...Array.from({ length: 30 }, (_, index) => [
      `Åsa ${index}`,
      index === 4 ? 'not an address' : `asa${index}@example.com`,
      String(index).padStart(6, '0'),
      '30.11.2025',
      index % 2 ? 'Trade Show Oslo|VIP' : 'VIP',
    ]),
  ];
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(old), 'Old');
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(members), 'Members');
  return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
}

test('a marketer does a dry run of a workbook with a tag column, runs it, and sees what its undo had to leave', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  await page.locator('input[type=file]').setInputFiles({
    name: 'members.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: workbook(),
  });
  await page.getByRole('button', { name: /Sheet$/ }).click();
  await page.getByRole('option', { name: 'Members' }).click();
  await expect(page.getByRole('button', { name: 'Import 30 rows' })).toBeVisible();
  const importAs = async (column: string, what: RegExp) => {
    await page.getByRole('button', { name: new RegExp(`Import ${column} as$`) }).click();
    await page.getByRole('option', { name: what }).click();
  };
  await importAs('Medlem sedan', /^New attribute/);
  await expect(page.getByRole('button', { name: /Date.*Type/ })).toBeVisible();
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText('30.11.2025 → 2025-11-30')).toBeVisible();
  await importAs('Taggar', /^Tags to add/);
  await expect(page.getByText('2 names are not tags yet')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import 30 rows' })).toBeDisabled();
  await expect(page.getByText('Assumed: vertical bar, as in “Trade Show Oslo|VIP” on line 3.')).toBeVisible();
  await page.getByRole('button', { name: 'Create all' }).click();
  await expectAccessible();

  await importAs('Kundnr', /^Email/);
  await page.getByRole('button', { name: 'Import 30 rows' }).click();
  const both = page.getByRole('alert').filter({ hasText: '“E-post” and “Kundnr” are both imported as “Email”' });
  await expect(both).toBeVisible();
  await expect(page.getByRole('button', { name: /Import Kundnr as$/ })).toBeFocused();
  await expect(page.getByRole('button', { name: /Import Kundnr as$/ })).toBeInViewport();
  await expectAccessible();
  await importAs('Kundnr', /^CRM ID/);
  await expect(both).toBeHidden();

  await page.getByRole('button', { name: 'Dry run' }).click();
  const dryRun = page.getByRole('region', { name: 'Dry run' });
  await expect(dryRun).toBeFocused();
  await expect(dryRun.getByRole('tab', { name: 'Rejected' })).toHaveAttribute('aria-selected', 'true');
  await expect(dryRun.getByRole('row', { name: /not an address/ })).toContainText('6');
  await expect(dryRun.getByRole('row', { name: /^VIP/ })).toContainText('VIP2900');
  await dryRun.getByRole('tab', { name: 'New' }).click();
  await expect(dryRun.getByRole('tab', { name: 'New' })).toContainText('29');
  await expect(dryRun.getByRole('row', { name: /asa0@example.com/ })).toContainText('Medlem sedan: 2025-11-30');
  await expect(dryRun.getByRole('heading', { name: 'Dry run' })).toBeInViewport();
  await expectAccessible();

  await page.getByRole('button', { name: 'Import 30 rows' }).click();
  await expect(page.getByText('29 new · 1 rejected · 44 tags applied', { exact: true })).toBeVisible();
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('link', { name: 'Åsa 7', exact: true }).click();
  await page.getByRole('button', { name: 'Remove VIP' }).click();
  await expect(page.getByText('“VIP” removed')).toBeVisible();

  await page.goto(`/${account.section.slug}/imports`);
  await page.getByRole('link', { name: 'members.xlsx' }).click();
  await page.getByRole('button', { name: 'Undo the import' }).click();
  const preview = page.getByRole('alertdialog', { name: 'What the undo will do' });
  await expect(preview).toContainText('28 people will be deleted');
  await expect(preview).toContainText('1 person created by this will stay');
  await expect(preview.getByRole('link', { name: 'Åsa 7' })).toBeVisible();
  await expect(preview).toContainText('will be removed from 28 people');
  await expectAccessible();
  await preview.getByRole('button', { name: 'Undo it' }).click();
  await expect(page.getByText('28 new profiles removed · 1 profile kept because changed since')).toBeVisible();
  const left = page.getByRole('region', { name: 'Not undone' }).last();
  await expect(left.getByRole('row', { name: /asa7@example.com/ }).first()).toBeVisible();
  await expectAccessible();
});

test('a marketer chooses how to read an ambiguous file', async ({ page, account, signIn }) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  await page.locator('input[type=file]').setInputFiles({
    name: 'odd.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('Email|First name,nick\na@example.com|Ann,Annie\nb@example.com|Bo,Bob\n'),
  });
  await page.getByRole('button', { name: /Columns are separated by/ }).click();
  await page.getByRole('option', { name: 'Bar' }).click();
  await expect(page.getByRole('columnheader', { name: 'First name,nick' })).toBeVisible();
  await page.getByRole('button', { name: /The first row is/ }).click();
  await page.getByRole('option', { name: 'Data' }).click();
  await expect(page.getByRole('button', { name: 'Import 3 rows' })).toBeVisible();
});
