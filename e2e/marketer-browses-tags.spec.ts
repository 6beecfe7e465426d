import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import type { TagId } from '@/lib/db/ids';
import { addProfiles, addTag, expect, test, type Account } from './fixtures';

const look = (account: Account, tag: TagId, colour: string, group: string, description: string) =>
  execute(
    pool(),
    sql`update tag set colour = ${colour}, group_name = ${group}, description = ${description}
        where section_id = ${account.section.id} and id = ${tag}`,
  );

test('a marketer finds out which tags there are and what they mean', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 3);
  const never = await addTag(account, 'Do not contact', people.slice(0, 1));
  await look(account, never, 'red', 'Consent', 'Asked to be left alone.');
  const lead = await addTag(account, 'Trade Show Lead', people);
  await look(account, lead, 'green', 'Leads', 'Met at a fair.');
  await addTag(account, 'Lime: Partner');
  await addTag(account, 'Plain');
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tags' }).click();

  const rows = page.getByRole('table', { name: 'Tags' }).getByRole('row');
  await expect(rows).toHaveText([
    /^FavouriteName/,
    /^Consent/,
    /Do not contact/,
    /^Leads/,
    /Lead/,
    /^Lime/,
    /Partner/,
    /^Without a group/,
    /Plain/,
  ]);
  await expectAccessible();
  await expect(page.getByRole('button', { name: 'Edit Plain' })).toBeHidden();

  const search = page.getByRole('searchbox', { name: 'Search tags' });
  await search.fill('lead shaw');
  await expect(rows).toHaveText([/^FavouriteName/, /Trade Show Lead/]);
  await search.fill('left alone');
  await expect(rows).toHaveText([/^FavouriteName/, /Do not contact/]);
  await search.fill('');

  const star = page.getByRole('button', { name: 'Favourite: Plain' });
  await star.click();
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await expect(async () => {
    await page.reload();
    await expect(rows.nth(1)).toContainText('Favourites', { timeout: 1_000 });
  }).toPass();
  await expect(rows.nth(2)).toContainText('Plain');

  await page.getByRole('link', { name: 'Do not contact' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Do not contact' })).toBeVisible();
  await expect(page).toHaveTitle(/^Do not contact/);
  await expect(page.getByText('Asked to be left alone.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Goes together with' })).toContainText('Trade Show Lead');
  await expect(page.getByRole('region', { name: 'History' })).toContainText('Created the tag “Do not contact”');
  await expect(page.getByRole('link', { name: 'Adam Admin' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Edit' })).toBeHidden();
  await expectAccessible();
  const holder = page.getByRole('region', { name: 'Who got it last' }).getByRole('row').nth(1);
  await holder.getByRole('link').click();
  const tags = page.getByRole('list', { name: 'Tags on this profile' });
  await tags.getByRole('button', { name: 'Do not contact: where it came from' }).click();
  await page.getByRole('link', { name: 'About this tag' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Do not contact' })).toBeVisible();

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tags' }).click();
  await page.getByRole('button', { name: 'Add New Tag' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add New Tag' });
  await dialog.getByLabel('Name').fill('Zebra crossing');
  await dialog
    .getByText('Blue')
    .or(dialog.getByRole('radio', { name: 'Blue' }))
    .first()
    .check({ force: true });
  await dialog.getByLabel('Group').fill('Leads');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Zebra crossing/ })).toBeFocused();
  const made = await one<{ colour: string; group: string }>(
    pool(),
    sql`select colour, group_name as "group" from tag where section_id = ${account.section.id} and name = 'Zebra crossing'`,
  );
  expect(made).toEqual({ colour: 'blue', group: 'Leads' });

  await page.goto(`/${account.section.slug}/settings/account`);
  await expect(page.getByRole('navigation', { name: 'Settings' }).getByRole('link')).toHaveText([
    'My account',
    'Suppression list',
  ]);
});

test('an admin who edits a tag sees what another admin has changed at the same time', async ({
  page,
  account,
  signIn,
}) => {
  const tag = await addTag(account, 'Shared');
  await signIn('admin');
  await page.goto(`/${account.section.slug}/tags/${tag}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit “Shared”' });
  await expect(dialog.getByRole('row', { name: /Mobile/ })).toBeVisible();
  await look(account, tag, 'green', 'Theirs', 'Their words');
  await dialog.getByLabel('Description').fill('My words');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('Someone else changed the description of this tag');
  await expect(dialog).toContainText('Their words');
  await expect(dialog.getByLabel('Description')).toHaveValue('My words');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('My words')).toBeVisible();
  await expect(page.getByText('Theirs', { exact: true })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ onPhone: true });

  test('long, emoji and right-to-left names stay in their place', async ({
    page,
    account,
    signIn,
    expectAccessible,
  }) => {
    const people = await addProfiles(account, 1);
    const names = ['x'.repeat(100), '👨‍👩‍👧 Family', 'لا تتصل بهذا العميل'];
    const tags: TagId[] = [];
    for (const name of names) tags.push(await addTag(account, name, people));
    for (const tag of tags) await look(account, tag, 'purple', 'Ü'.repeat(50), 'y'.repeat(300));
    await signIn('user');
    await page.setViewportSize({ width: 360, height: 740 });
    const home = `/${account.section.slug}`;
    for (const path of ['tags', `tags/${tags[0]}`, 'profiles', `profiles/${people[0]}`]) {
      await page.goto(`${home}/${path}`);
      await expect(page.getByText('x'.repeat(100)).first()).toBeVisible();
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([path, wider]).toEqual([path, 0]);
    }
    await page.goto(`${home}/tags`);
    for (const name of names) await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
    await expectAccessible();
  });
});
