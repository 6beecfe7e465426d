import { addProfiles, addTag, expect, test } from './fixtures';

test('a segment whose tag is hidden needs attention at once and everywhere, until a marketer fixes it', async ({
  page,
  browser,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 6);
  await addTag(account, 'Newsletter', people);
  const gone = await addTag(account, 'Do not contact', people.slice(0, 2));
  await addTag(account, 'Opted out', people.slice(0, 3));
  await signIn('user');
  const home = `/${account.section.slug}`;
  await page.goto(`${home}/profiles?has=${gone}`);
  await page.getByRole('link', { name: 'Save as a segment' }).click();
  await page.getByRole('combobox', { name: 'Has or does not have', exact: true }).selectOption('does not have');
  await page.getByLabel('Name', { exact: true }).fill('We may write to');
  await expect(page.getByTestId('total')).toHaveText('4');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('region', { name: 'Members', exact: true })).toContainText('4 profiles');

  const other = await browser.newPage();
  await signIn('admin', other);
  await other.goto(`${home}/settings/data-model/tags`);
  await expect(other.getByRole('row', { name: /Do not contact/ })).toContainText('We may write to');
  await other.getByRole('button', { name: 'Hide Do not contact' }).click();
  const dialog = other.getByRole('alertdialog');
  await expect(dialog).toContainText('The segment We may write to uses it.');
  await expect(dialog.getByRole('link', { name: 'We may write to' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(dialog).toBeHidden();
  await other.close();

  await page.goto(`${home}/segments`);
  const row = page.getByRole('row', { name: /We may write to/ });
  await expect(row).toContainText('Needs attention');
  await expectAccessible();
  await row.getByRole('link', { name: 'We may write to' }).click();
  const banner = page.getByRole('alert').filter({ hasText: 'needs attention' });
  await expect(banner).toContainText('The tag “Do not contact” was hidden by Adam Admin');
  await expect(page.getByRole('button', { name: 'Tag members…' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Export…' })).toBeDisabled();
  await expectAccessible();
  const refused = await page.request.get(page.url().replace(home, `/data${home}`) + '/count');
  expect([refused.status(), await refused.text()]).toEqual([400, expect.stringContaining('was hidden by Adam Admin')]);

  await banner.getByRole('link', { name: 'Fix it' }).click();
  await expect(page.getByText('The segment cannot be counted or used')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Tag: Do not contact. Choose another' }).click();
  const picker = page.getByRole('combobox', { name: 'Tag' });
  await picker.fill('Do not contact');
  await expect(page.getByRole('status').filter({ hasText: '“Do not contact” was hidden by Adam Admin' })).toBeVisible();
  await picker.fill('Opted');
  await page.getByRole('option', { name: /Opted out/ }).click();
  await expect(page.getByTestId('total')).toHaveText('3');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Members', exact: true })).toContainText('3 profiles');
});

test('a segment that another uses cannot be deleted, and says where it is used', async ({ page, account, signIn }) => {
  const people = await addProfiles(account, 3);
  const vip = await addTag(account, 'VIP', people);
  await signIn('user');
  const home = `/${account.section.slug}`;
  await page.goto(`${home}/segments/new?has=${vip}`);
  await page.getByLabel('Name', { exact: true }).fill('All VIPs');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'All VIPs' })).toBeVisible();
  const inner = page.url();
  await page.goto(`${home}/segments/new`);
  await page.getByLabel('Name', { exact: true }).fill('Around it');
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByRole('combobox', { name: 'Add a condition' }).fill('All VIPs');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('total')).toHaveText('3');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'Around it' })).toBeVisible();

  await page.goto(inner);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('These segments use it.');
  await expect(dialog.getByRole('button', { name: 'Delete' })).toBeDisabled();
  await dialog.getByRole('link', { name: 'Around it' }).click();
  await expect(page.getByRole('heading', { name: 'Edit “Around it”' })).toBeVisible();
});

test('a segment that two people change at the same time keeps what both wrote', async ({
  page,
  browser,
  account,
  signIn,
  expectAccessible,
}) => {
  const vip = await addTag(account, 'VIP', await addProfiles(account, 3));
  await signIn('user');
  const home = `/${account.section.slug}`;
  await page.goto(`${home}/segments/new?has=${vip}`);
  await page.getByLabel('Name', { exact: true }).fill('Ours');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'Ours' })).toBeVisible();
  const edit = `${page.url()}/edit`;
  await page.goto(edit);
  await page.getByLabel('Name', { exact: true }).fill('Mine');

  const other = await browser.newPage();
  await signIn('admin', other);
  await other.goto(edit);
  await other.getByLabel('Name', { exact: true }).fill('Theirs');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.getByRole('heading', { name: 'Theirs' })).toBeVisible();
  await other.close();

  await page.reload();
  await expect(page.getByText('but someone has changed the segment since')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Mine');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Adam Admin has changed this segment since you opened it.')).toBeVisible();
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Theirs');
  await page.getByRole('button', { name: 'Undo (Ctrl+Z)' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Mine');
  await page.getByRole('button', { name: 'Save as a new segment' }).click();
  await expect(page.getByRole('heading', { name: 'Mine' })).toBeVisible();
  await page.goto(`${home}/segments`);
  await expect(page.getByRole('row', { name: /Theirs/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Mine/ })).toBeVisible();
});

test('rules edited in two tabs do not overwrite each other', async ({ page, context, account, signIn }) => {
  await addTag(account, 'VIP', await addProfiles(account, 3));
  await signIn('user');
  const address = `/${account.section.slug}/segments/new`;
  const second = await context.newPage();
  await Promise.all([page.goto(address), second.goto(address)]);
  await expect(second.getByLabel('Name', { exact: true })).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Long work');
  await expect(second.getByText('are also being edited in another tab')).toBeVisible();
  await second.getByLabel('Name', { exact: true }).fill('A thought');
  await second.getByRole('button', { name: 'Undo (Ctrl+Z)' }).click();
  await page.reload();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Long work');
});
