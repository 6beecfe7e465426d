// Home in a new section: the first steps, each done in place, and then what it shows.
import { addProfiles, addTag, chooseByEnter, expect, pressWhenReady, test, whenReady } from './fixtures';

test('a marketer takes the first steps from Home', async ({ page, account, signIn, expectAccessible }) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}`);
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  await whenReady(page);
  const steps = page.getByRole('region', { name: /^First steps/ });
  await steps.getByRole('button', { name: 'VIP' }).click();
  await steps.getByRole('button', { name: 'Trade Show Lead' }).click();
  await steps.getByRole('button', { name: 'Create 2 tags' }).click();
  await expect(steps).toContainText('1 of 4 done');
  await expectAccessible();

  await steps.getByRole('button', { name: 'Try it with a sample file' }).click();
  await expect(page.getByRole('heading', { name: 'sample-people.csv' })).toBeVisible();
  await page.getByRole('link', { name: 'Tagwell: Home' }).click();
  await expect(page.getByRole('region', { name: 'Imports' })).toContainText('sample-people.csv');
});

test('a marketer reads on Home what has changed', async ({ page, account, signIn, expectAccessible }) => {
  const people = await addProfiles(account, 3);
  await addTag(account, 'Webinar Participant', people.slice(1));
  await signIn('user');
  await page.goto(`/${account.section.slug}`);
  await expect(page.getByRole('region', { name: 'Tags this week' })).toContainText('Webinar Participant');
  await expect(page.getByText('66.7 % of them · 1 without a tag')).toBeVisible();

  // Goes to the tag by a part of its name, to a person, back to it as looked at lately, and to a page by its letter.
  await pressWhenReady(page, 'ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Go to' }).fill('participant web');
  await expect(page.getByRole('option', { name: /Webinar Participant/ })).toBeVisible();
  await expectAccessible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Webinar Participant' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await chooseByEnter(page.getByRole('combobox', { name: 'Go to' }), 'person2@');
  await expect(page.getByRole('heading', { name: 'Person 2' })).toBeVisible();
  await pressWhenReady(page, 'g');
  await page.keyboard.press('i');
  await expect(page.getByRole('heading', { name: 'Imports', level: 1 })).toBeVisible();
});
