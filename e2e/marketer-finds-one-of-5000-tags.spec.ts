import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { setFavouriteTag } from '@/lib/tags/favourites';
import {
  addManyTags,
  addProfiles,
  addTag,
  expect,
  holdRequests,
  personOf,
  pressWhenReady,
  test,
  type Account,
} from './fixtures';

const countTags = async (account: Account) => {
  const { count } = await one<{ count: number }>(
    pool(),
    sql`select count(*) from tag where section_id = ${account.section.id}`,
  );
  return count;
};

test('a marketer finds one of 5,000 tags on the server, in every picker, and a slow answer makes no junk', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 3);
  await addManyTags(account, 5_000);
  const never = await addTag(account, 'Do not contact', people.slice(0, 1));
  await execute(pool(), sql`update tag set colour = 'red' where section_id = ${account.section.id} and id = ${never}`);
  await addTag(account, 'Trade Show Lead', people.slice(0, 2));
  const mia = await personOf(account, 'user');
  await setFavouriteTag(mia, { sectionId: account.section.id, tagId: never, favourite: true });
  await signIn('user');
  const home = `/${account.section.slug}`;
  const options = page.getByRole('listbox').getByRole('option');

  // A profile: favourites, then the largest; words in any order, one letter wrong.
  await page.goto(`${home}/profiles/${people[2]}`);
  await pressWhenReady(page, 't');
  const picker = page.getByRole('combobox', { name: 'Tags of this profile' });
  await expect(page.getByText('Type to find any of 5,002 tags.')).toBeVisible();
  await expect(options.first()).toContainText('Do not contact');
  await expect(options.nth(1)).toContainText('Trade Show Lead');
  await picker.fill('4321 campain');
  await expect(options).toHaveText([/Campaign 4321.*Did you mean this/, /Create/]);
  await expectAccessible();

  // While the answer is awaited, only what is known to match is shown; Enter chooses nothing but that very name, and once.
  const search = await holdRequests(page, (request) => request.url().includes('/tags?q='));
  await picker.fill('show');
  await expect(options).toHaveText([/Trade Show Lead/]);
  await expect(page.getByText('Searching…')).toBeVisible();
  await picker.press('Enter');
  await picker.fill('campaign 4777');
  await expect(options).toHaveCount(0);
  await picker.press('Enter');
  await picker.press('Enter');
  await search.release();
  const chips = page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem');
  await expect(chips).toHaveText(['Campaign 4777']);
  await expect(options.first()).toContainText('Campaign 4777');

  // The other pickers are the same: nothing to create before the answer, and then found among 5,000.
  const press = (name: string) => () => page.getByRole('button', { name, exact: true }).first().click();
  const tagFirst = async () => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('t');
  };
  const pickers = [
    { path: 'profiles', open: press('Tags'), name: 'All of these tags', creates: false },
    { path: 'segments/overlap', open: press('Add a tag'), name: 'Tags in the chart', creates: false },
    { path: 'segments/new', open: press('Add a condition'), name: 'Add a condition', creates: true },
    { path: 'profiles', open: tagFirst, name: 'Tags to apply or to remove', creates: true },
  ];
  for (const { path, open, name, creates } of pickers) {
    await page.goto(`${home}/${path}`);
    const field = page.getByRole('combobox', { name, exact: true });
    await pressWhenReady(page, 'Shift');
    await open();
    await expect(field).toBeFocused();
    const slow = await holdRequests(page, (request) => request.url().includes('/tags?q='));
    await field.fill('Brand new');
    await expect(page.getByText('Searching…')).toBeVisible();
    await expect(page.getByRole('option', { name: /Create/ })).toHaveCount(0);
    await field.press('Enter');
    await field.fill('2468 camp');
    await slow.release();
    await expect(options).toHaveText([/Campaign 2468/, ...(creates ? [/Create/] : [])]);
    await field.press('Enter');
  }
  // The one of a selection has not been applied yet: it is in sight as a choice.
  await expect(page.getByText('Campaign 2468: will be applied')).toBeVisible();
  expect(await countTags(account)).toBe(5_002);
});
