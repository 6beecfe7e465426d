import { addProfiles, addTag, expect, test } from './fixtures';

test.use({ onPhone: true });

test('a marketer on a phone, in the dark, finds a profile and tags it without horizontal scrolling', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 60);
  await addTag(account, 'A tag with quite a long name, as people make them in a hurry', profiles);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await expectAccessible();
  const fits = async () =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await fits();
  await page.getByRole('searchbox', { name: 'Search profiles' }).fill('person17@');
  await expect(page.getByText('1 profile match')).toBeVisible();
  await page.getByRole('link', { name: 'Person 17' }).click();
  await expect(page.getByRole('heading', { name: 'Person 17' })).toBeVisible();
  await expectAccessible();
  await fits();
  await page.getByRole('button', { name: /Add or remove/ }).tap();
  await page.getByRole('combobox', { name: 'Tags of this profile' }).fill('Met at the fair');
  await page.getByRole('option', { name: 'Create “Met at the fair”' }).tap();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('list', { name: 'Tags on this profile' })).toContainText('Met at the fair');
  for (const place of ['imports', 'imports/new', 'activity', 'settings/account']) {
    await page.goto(`/${account.section.slug}/${place}`);
    await expect(page.locator('h1')).toBeVisible();
    await expectAccessible();
    await fits();
  }
  await page.getByRole('button', { name: 'Open the menu' }).tap();
  await page.getByRole('link', { name: 'Profiles' }).tap();
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
});

test('a marketer on a phone, in the dark, writes a segment and views its members without horizontal scrolling', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 60);
  const named = await addTag(account, 'A tag with quite a long name, as people make them in a hurry', people);
  const other = await addTag(account, 'Do not contact', people.slice(0, 9));
  await signIn('user');
  const home = `/${account.section.slug}`;
  const fits = async () =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await page.goto(`${home}/segments/new?has=${named}&not=${other}&where=firstname.is.Person`);
  await expect(page.getByTestId('total')).toHaveText('51');
  await fits();
  await page.getByLabel('Name', { exact: true }).fill('Those of the fair whom we may write to, without the others');
  await page.getByRole('button', { name: 'Save segment' }).tap();
  await expect(page.getByRole('region', { name: 'Members', exact: true })).toContainText('51 profiles');
  await expectAccessible();
  await fits();
  await page.getByRole('link', { name: 'Edit', exact: true }).tap();
  await expect(page.getByTestId('total')).toHaveText('51');
  await expectAccessible();
  await fits();
  await page.goto(`${home}/segments`);
  await expect(page.getByRole('row', { name: /Those of the fair/ })).toContainText('51');
  await expectAccessible();
  await fits();
});
