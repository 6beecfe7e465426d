import { addTag, expect, test } from './fixtures';

const FILE = [
  'Email,First name',
  'ann@example.com,Ann',
  'bo@example.com,Bo',
  'no address,Cy',
  'di@example.com,Di',
  'nope,Ed',
].join('\n');

test('a marketer forgets the tag during outages of the server: nothing is lost, and the report offers to tag the people', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await addTag(account, 'Newsletter');
  await signIn('user');
  await page.goto(`/${account.section.slug}/imports/new`);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'fair.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
  await expect(page.getByText('All choices saved')).toBeVisible();

  const actions = new RegExp(`/${account.section.slug}/imports/\\d+$`);
  await page.route(actions, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.getByText('Only new profiles').click();
  await expect(page.getByText('Your choices have not been saved.')).toBeVisible();
  await page.getByRole('button', { name: 'Import 5 rows' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The server is not responding' }).last()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import 5 rows' })).toBeEnabled();
  await page.unroute(actions);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('All choices saved')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Only new profiles' })).toBeChecked();

  await page.getByRole('button', { name: 'Import 5 rows' }).click();
  await expect(page.getByText('No tag was applied.')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Tag these 3…' }).click();
  await page.getByRole('combobox', { name: 'Tags to apply or to remove' }).fill('Newsletters');
  await page.getByRole('option', { name: 'Create “Newsletters”' }).click();
  await expect(page.getByText('Did you mean one of these?')).toBeVisible();
  await expect(page.getByRole('option', { name: 'Create “Newsletters” anyway' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Newsletter: 3 profiles change')).toBeVisible();
  await page.getByRole('button', { name: 'Apply changes' }).click();
  await expect(page.getByText('3 tags applied')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('No tag was applied.')).toBeHidden();

  await page.getByRole('link', { name: 'New profiles: 3' }).click();
  await expect(page.getByText('3 profiles match')).toBeVisible();
  await expect(page.getByText('created by: Import “fair.csv”')).toBeVisible();
  await expectAccessible();
});

test('a marketer runs a file again with the settings of an earlier import, its tags included', async ({
  page,
  account,
  signIn,
}) => {
  await addTag(account, 'Trade Show');
  await signIn('user');
  const upload = () =>
    page
      .locator('input[type=file]')
      .setInputFiles({ name: 'fair.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
  await page.goto(`/${account.section.slug}/imports/new`);
  await upload();
  await expect(page.getByRole('button', { name: 'Import 5 rows' })).toBeVisible();
  const apply = page.getByRole('combobox', { name: 'Tags to apply' });
  const chosen = page.getByRole('list', { name: 'Tags to apply: chosen' });

  // Nothing is offered to be created before the list of tags is loaded.
  await page.route(
    '**/tags',
    async (route) => {
      await expect(apply).toHaveValue('Trade Show');
      await expect(page.getByRole('option', { name: /Create/ })).toHaveCount(0);
      await route.continue();
    },
    { times: 1 },
  );
  await page.reload();
  await apply.fill('Trade Show');
  const offered = page.getByRole('listbox', { name: 'Tags to apply' });
  await expect(offered.getByRole('option', { name: /Trade Show/ })).toBeVisible();
  await apply.press('Enter');
  await expect(chosen).toContainText('Trade Show');
  await apply.press('Enter');
  await expect(page.getByText('“Trade Show” is already chosen.')).toBeVisible();
  await expect(chosen).toContainText('Trade Show');

  await page.getByText('Only empty values are filled').click();
  await page.getByRole('button', { name: 'Import 5 rows' }).click();
  await expect(page.getByText('3 new · 2 rejected · 3 tags applied', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Run again with the same settings' }).click();
  await expect(page.getByText('It gets the same settings and tags as “fair.csv”')).toBeVisible();
  await upload();
  await expect(page.getByText('Settings and tags copied from the import of “fair.csv”.')).toBeVisible();
  await expect(chosen).toContainText('Trade Show');
  await expect(page.getByRole('radio', { name: 'Only empty values are filled' })).toBeChecked();
  await page.getByRole('button', { name: 'Import 5 rows' }).click();
  await expect(
    page.getByText('3 already up to date · 2 rejected · 3 tags already there', { exact: true }),
  ).toBeVisible();
});
