// Somebody removes a tag that a CRM's list holds, and lets the person in again.
import { API_KEY, startGeneric } from '@/testing/crm/generic';
import { addProfiles, expect, test } from './fixtures';

test('a marketer removes a tag that a CRM holds, sees that it is kept off, and lets the person in again', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const { simulator, world } = await startGeneric();
  simulator.reset({ contacts: 0, lists: 0 });
  const [person] = await addProfiles(account, 2);
  const contacts = [1, 2].map((number) => world.addContact({ email: `person${number}@example.com` }));
  world.addList('Trade Show', contacts);
  const slug = account.section.slug;
  const sync = async () => {
    await page.goto(`/${slug}/settings/integrations`);
    await page.getByRole('link', { name: 'Shop', exact: true }).click();
    await page.getByRole('button', { name: 'Sync now' }).click();
    await expect(page.getByRole('heading', { name: 'Sync with “Shop”' })).toBeVisible();
    await expect(page.getByText('Done', { exact: true }).first()).toBeVisible();
  };

  await signIn('admin');
  await page.goto(`/${slug}/settings/integrations/new`);
  await page.getByText('Another system (connector contract)').click();
  await page.getByLabel('Name of the connection').fill('Shop');
  await page.getByLabel('Address', { exact: true }).fill(simulator.origin);
  await page.getByLabel('API key').fill(API_KEY);
  await page.getByRole('button', { name: 'Test and connect' }).click();
  await page.getByText('Trade Show', { exact: true }).click();
  await page.getByRole('button', { name: 'Add 1 list' }).click();
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByRole('button', { name: 'Apply exactly this' }).click();
  await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();

  await signIn('user');
  await page.goto(`/${slug}/profiles/${person}`);
  await page.getByRole('button', { name: 'Shop: Trade Show: where it came from' }).click();
  const popover = page.getByRole('dialog');
  await expect(popover.getByText('Held by Shop: Trade Show.')).toBeVisible();
  await expect(popover.getByText(/^Removing it here keeps it off/)).toBeVisible();
  await expect(popover.getByRole('link', { name: 'Shop: Trade Show' })).toHaveCount(0);
  await expectAccessible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Remove Shop: Trade Show' }).click();
  await expect(page.getByText('It was set by Shop: Trade Show. Syncs keep it off this person now.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('button', { name: 'Remove Shop: Trade Show' }).click();
  await expect(page.getByText('No tags yet.')).toBeVisible();

  await page.goto(`/${slug}/tags`);
  await page.getByRole('button', { name: /^All tags/ }).click();
  await page.getByRole('option', { name: 'Managed by an integration' }).click();
  await expectAccessible();
  await page.getByRole('link', { name: 'Shop: Trade Show', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'Kept by an integration' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: '1 person is kept off' }).click();
  await expect(page.getByRole('cell', { name: /By hand by/ })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Let Person 1 in again' }).click();
  await expect(page.getByText('Nobody is kept off')).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('button', { name: 'Let Person 1 in again' }).click();
  await expect(page.getByText('Nobody is kept off')).toBeVisible();

  await signIn('admin');
  await sync();
  await page.goto(`/${slug}/profiles/${person}`);
  await expect(page.getByRole('button', { name: 'Shop: Trade Show: where it came from' })).toBeVisible();

  await page.goto(`/${slug}/tags?show=managed`);
  await page.getByRole('link', { name: 'Shop: Trade Show', exact: true }).first().click();
  await page.getByRole('button', { name: 'What to do with Shop: Trade Show' }).click();
  await page.getByRole('menuitem', { name: 'Remove it from everyone' }).click();
  await expect(page.getByText('2 people lose')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Hide…' }).click();
  await expect(page.getByText(/keeps it. Its syncs will leave everyone as they are/)).toBeVisible();
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(page.getByText('Hidden for good').first()).toBeVisible();
  await page.goto(`/${slug}/settings/integrations`);
  await expect(page.getByText(/^The tag of the list “Trade Show” was hidden/).first()).toBeVisible();
  await page.getByRole('link', { name: 'Shop', exact: true }).click();
  await page.getByRole('button', { name: 'Choose another tag' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Choose', exact: true }).click();
  await expect(page.getByText('Needs a dry run')).toBeVisible();
  await simulator.stop();
});
