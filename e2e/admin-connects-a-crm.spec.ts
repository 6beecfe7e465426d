import { API_KEY, startGeneric } from '@/testing/crm/generic';
import { addProfiles, expect, test } from './fixtures';

const PEOPLE = 12;

test('an admin connects a CRM, sees a list become a tag, and is asked before an emptied list takes it off', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const { simulator, world } = await startGeneric();
  simulator.reset({ contacts: 0, lists: 0 });
  const profiles = await addProfiles(account, PEOPLE);
  const contacts = profiles.map((_, index) => world.addContact({ email: `person${index + 1}@example.com` }));
  const stranger = world.addContact({ email: 'stranger@example.com' });
  const list = world.addList('Trade Show', [...contacts, stranger]);
  const here = `/${account.section.slug}/settings/integrations`;

  await signIn('admin');
  await page.goto(here);
  await expectAccessible();
  await page.getByRole('link', { name: 'Connect a CRM' }).click();
  await page.getByText('Another system (connector contract)').click();
  await page.getByLabel('Name of the connection').fill('Shop');
  await page.getByLabel('Address', { exact: true }).fill(simulator.origin);
  await page.getByLabel('API key').fill('a wrong key');
  await page.getByRole('button', { name: 'Test and connect' }).click();
  await expect(page.getByText(/^The CRM refused the credentials/)).toBeVisible();
  await expectAccessible();
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(simulator.origin);
  await page.getByLabel('API key').fill(API_KEY);
  await page.getByRole('button', { name: 'Test and connect' }).click();

  await page.getByText('Trade Show', { exact: true }).click();
  await expect(page.getByLabel('Tag of Trade Show')).toHaveValue('Shop: Trade Show');
  await expectAccessible();
  await page.getByRole('button', { name: 'Add 1 list' }).click();
  await expect(page.getByText('Needs a dry run')).toBeVisible();
  await expectAccessible();

  await page.getByRole('button', { name: 'Dry run' }).click();
  await expect(page.getByText(`${PEOPLE} people would get a tag`)).toBeVisible();
  await page.getByRole('button', { name: '1 not found' }).click();
  await expect(page.getByRole('cell', { name: 'stranger@example.com' }).first()).toBeVisible();
  await page.getByRole('button', { name: `${PEOPLE} get the tag` }).click();
  await expect(page.getByRole('link', { name: 'Person 12' })).toBeVisible();
  await expectAccessible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download as CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^dry run \d+\.csv$/);
  await page.getByRole('button', { name: 'Apply exactly this' }).click();
  await expect(page.getByRole('heading', { name: 'Sync with “Shop”' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();

  await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
  await page.getByRole('button', { name: 'Shop: Trade Show: where it came from' }).click();
  await expect(page.getByRole('dialog').getByText(/^Integration by Adam Admin · Shop: Trade Show/)).toBeVisible();

  world.removeMembers(list, [...contacts, stranger]);
  await page.goto(here);
  await page.getByRole('link', { name: 'Shop', exact: true }).click();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/^The list is empty now/)).toBeVisible();
  await expect(page.getByText(/should it be empty\?/)).toBeVisible();
  await expect(page.getByRole('link', { name: /^Change “Size of a list/ })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Person 12' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Take the tag off…' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Take it off' }).click();
  await expect(page.getByText('Adam Admin answered: take the tag off')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();
  await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
  await expect(page.getByRole('heading', { name: 'Person 1' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Shop: Trade Show: where it came from' })).toHaveCount(0);

  await page.goBack();
  await page.getByRole('button', { name: 'Undo…' }).click();
  await expect(page.getByText(`will be applied again to ${PEOPLE} people.`)).toBeVisible();
  await page.getByRole('button', { name: 'Undo it' }).click();
  await expect(page.getByText(/^This sync was undone/)).toBeVisible();
  await page.getByRole('link', { name: 'Watch it' }).click();
  await expect(page.getByRole('button', { name: 'Redo…' })).toBeVisible();
  await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
  await expect(page.getByRole('button', { name: 'Shop: Trade Show: where it came from' })).toBeVisible();

  await page.goto(here);
  await page.getByRole('link', { name: 'Shop', exact: true }).click();
  await page.getByRole('button', { name: 'More for this connection' }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings of “Shop”' })).toBeVisible();
  await expectAccessible();
  await page.getByLabel('Address', { exact: true }).fill('https://elsewhere.example.com');
  await page.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByText(/^This leads to another place/)).toBeVisible();
  await expectAccessible();
  await page.getByLabel('Address', { exact: true }).fill(simulator.origin);
  await page.getByLabel('Name of the connection').fill('Store');
  await page.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByRole('heading', { name: 'Settings of “Store”' })).toBeVisible();
  await page.getByLabel('People of all lists together').fill('many');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Enter a whole number.')).toBeVisible();
  await page.getByLabel('People of all lists together').fill('900');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('The settings have been saved')).toBeVisible();

  await page.getByText('Another field', { exact: true }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Choose a field of the CRM.')).toBeVisible();
  await page.getByRole('button', { name: /Field of the CRM to find people by$/ }).click();
  await page.getByRole('option', { name: 'Company' }).click();
  await page.getByRole('button', { name: /Compared with$/ }).click();
  await page.getByRole('option', { name: 'CRM ID' }).click();
  await page.getByText('Only at certain hours', { exact: true }).click();
  await expect(page.getByRole('button', { name: /Time zone$/ })).toContainText('Europe/Stockholm');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved: the next sync begins with a dry run')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the connection' }).click();
  await expect(page.getByText(/^Somebody has changed how people are found since it was synced/)).toBeVisible();
  await simulator.stop();
});
