import type { TagId } from '@/lib/db/ids';
import { addManyTags, addProfiles, addTag, chooseByEnter, expect, test } from './fixtures';

/** The address of a new segment of profiles with all of these tags, however its commas are encoded. */
const opensSegment =
  (...has: TagId[]) =>
  ({ pathname, searchParams }: URL) =>
    pathname.endsWith('/segments/new') && searchParams.get('has') === has.join(',');

test('a marketer sees how tags overlap, and goes from a cell to its segment', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 80);
  const newsletter = await addTag(account, 'Newsletter', people.slice(0, 40));
  const vip = await addTag(account, 'VIP', people.slice(0, 24));
  const partner = await addTag(account, 'Partner', people.slice(16, 36));
  const { slug } = account.section;
  await signIn('user');
  await page.goto(`/${slug}/segments/overlap`);

  const matrix = page.getByRole('grid', { name: 'Profiles with two tags' });
  const cell = (name: string) => matrix.getByRole('link', { name, exact: true });
  await expect(matrix.getByRole('columnheader')).toHaveText(['Newsletter', 'VIP', 'Partner']);
  await expect(cell('40 profiles have Newsletter')).toHaveText('40');
  await expect(cell('8 profiles have VIP and Partner, 1.3 times as many as by chance')).toHaveText('8');
  await expect(cell('24 profiles have VIP and Newsletter, 2.0 times as many as by chance')).toHaveText('24');
  await expect(page.getByText('Counted just now').first()).toBeVisible();
  await expectAccessible();

  await page.getByRole('radio', { name: 'Compared with chance' }).click();
  await expect(cell('8 profiles have VIP and Partner, 1.3 times as many as by chance')).toHaveText('1.3×8');
  await page.getByRole('radio', { name: 'Percent of the row' }).click();
  await expect(cell('20 profiles have Partner and Newsletter, 100% of those with Partner')).toHaveText('100%20');
  await expect(cell('20 profiles have Newsletter and Partner, 50% of those with Newsletter')).toHaveText('50%20');
  await expect(page).toHaveURL(/show=share/);
  await expectAccessible();

  await expect(cell('40 profiles have Newsletter')).toHaveAttribute('href', `/${slug}/segments/new?has=${newsletter}`);
  await expect(page.getByRole('link', { name: 'Everyone with VIP also has Newsletter: 100%' })).toHaveAttribute(
    'href',
    `/${slug}/segments/new?has=${vip},${newsletter}`,
  );
  await page.reload();
  await cell('8 profiles have Partner and VIP, 40% of those with Partner').click();
  await expect(page).toHaveURL(opensSegment(partner, vip));
});

test('a marketer uses the matrix by keyboard', async ({ page, account, signIn }) => {
  const people = await addProfiles(account, 9);
  const first = await addTag(account, 'First', people);
  const second = await addTag(account, 'Second', people.slice(0, 6));
  await addTag(account, 'Third', people.slice(0, 3));
  const { slug } = account.section;
  await signIn('user');
  await page.goto(`/${slug}/segments/overlap`);
  const cells = page.getByRole('grid').getByRole('link');
  await expect(cells).toHaveCount(9);
  await expect(page.getByRole('grid').locator('a[tabindex="0"]')).toHaveCount(1);

  await cells.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(cells.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(cells.nth(4)).toBeFocused();
  await page.keyboard.press('End');
  await expect(cells.nth(5)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(cells.nth(5)).toBeFocused();
  await page.keyboard.press('Control+End');
  await expect(cells.nth(8)).toBeFocused();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('ArrowDown');
  await expect(cells.nth(3)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(cells.nth(3)).not.toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(cells.nth(3)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(opensSegment(second, first));
});

test('a marketer chooses tags, and sees which combinations of them people have', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 10);
  const ids: TagId[] = [];
  for (const [index, name] of ['A', 'B', 'C', 'D', 'E', 'F', 'G'].entries()) {
    ids.push(await addTag(account, `Tag ${name}`, people.slice(0, 8 - index)));
  }
  await addTag(account, 'On nobody');
  const { slug } = account.section;
  await signIn('user');
  await page.goto(`/${slug}/segments/overlap`);
  const chips = page.getByRole('list', { name: 'Tags in the chart' }).getByRole('listitem');
  const combinations = page.getByRole('list', { name: /^Combinations/ }).getByRole('link');
  await expect(chips).toHaveCount(7);

  // Seven are too many for combinations: the first six are used until the person chooses.
  await expect(page.getByText('Choose at most 6 of the 7 tags')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Tag G' })).toBeDisabled();
  await expect(combinations).toHaveCount(6);
  await page.locator('label').filter({ hasText: 'Tag B' }).click();
  await expect(page.getByRole('checkbox', { name: 'Tag G' })).toBeEnabled();
  await expect(combinations).toHaveCount(5);
  await expect(page).toHaveURL(/combine=/);

  for (const name of ['D', 'E', 'F', 'G']) {
    await page.getByRole('button', { name: `Remove Tag ${name} from the chart` }).click();
    await expect(page.getByRole('button', { name: 'Add a tag' })).toBeFocused();
  }
  await expect(page).toHaveURL(({ searchParams }) => searchParams.get('tags') === ids.slice(0, 3).join(','));
  await expect(page.getByText('Choose at most 6')).toBeHidden();
  await expect(combinations).toHaveCount(3);
  const onlyTwo = page.getByRole('link', { name: '1 profile has Tag A and Tag B and none of the others' });
  await expect(onlyTwo).toHaveAttribute('href', `/${slug}/segments/new?has=${ids[0]},${ids[1]}&not=${ids[2]}`);
  await expect(page.getByText('2 profiles have none of these tags.')).toBeVisible();
  await page.getByText('Show as a table').click();
  await expect(page.getByRole('region', { name: 'Profiles by combination of tags' }).getByRole('row')).toHaveText([
    'TagsProfilesOf everyone',
    'Tag A, Tag B and Tag C660%',
    'only Tag A110%',
    'Tag A and Tag B and none of the others110%',
  ]);
  await expectAccessible();

  await page.getByRole('button', { name: 'Add a tag' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: 'Tags in the chart' }), 'on nob');
  await page.keyboard.press('Escape');
  await expect(chips).toHaveCount(4);
  await expect(
    page.getByRole('grid').getByRole('link', { name: 'No profile has Tag A and On nobody', exact: true }),
  ).toHaveText('0');
  await page.getByRole('button', { name: 'Largest 12' }).click();
  await expect(chips).toHaveCount(7);
  await expect(page).toHaveURL(`/${slug}/segments/overlap`);
});

test('a slow count does not block the page, is cancelled when it is no longer needed, and can be retried', async ({
  page,
  account,
  signIn,
}) => {
  const people = await addProfiles(account, 5);
  await addTag(account, 'First', people);
  await addTag(account, 'Second', people.slice(0, 3));
  await addTag(account, 'Third', people.slice(0, 1));
  await signIn('user');
  let answer: 'soon' | 'never' | 'refused' = 'soon';
  await page.route('**/tags/overlap?ids=*', async (route) => {
    if (answer === 'soon') return route.continue();
    if (answer === 'refused')
      return route.fulfill({ status: 503, json: { message: 'Counting took longer than 60 seconds.' } });
  });
  await page.goto(`/${account.section.slug}/segments/overlap`);
  const matrix = page.getByRole('grid');
  await expect(matrix.getByRole('link')).toHaveCount(9);

  answer = 'never';
  await page.getByRole('button', { name: 'Remove Third from the chart' }).click();
  await expect(page.getByText('Counting 2 tags…').first()).toBeVisible();
  await expect(matrix.getByRole('link')).toHaveCount(9);
  const given = page.waitForEvent('requestfailed', (request) => request.url().includes('/tags/overlap?ids='));
  await page.getByRole('button', { name: 'Largest 12' }).click();
  expect((await given).failure()?.errorText).toBe('net::ERR_ABORTED');
  await expect(page.getByText('Counted just now').first()).toBeVisible();

  answer = 'refused';
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('alert').first()).toContainText('Counting took longer than 60 seconds.');
  await expect(matrix.getByRole('link')).toHaveCount(9);
  await page.getByRole('button', { name: 'Remove Third from the chart' }).click();
  await expect(page.getByRole('heading', { name: 'The overlap could not be counted' }).first()).toBeVisible();
  answer = 'soon';
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(matrix.getByRole('link')).toHaveCount(4);
});

test('combinations that wait until the pairs are counted are marked as outdated', async ({ page, account, signIn }) => {
  const people = await addProfiles(account, 8);
  for (let number = 1; number <= 8; number++) await addTag(account, `Tag ${number}`, people.slice(number - 1));
  await signIn('user');
  let counting = true;
  await page.route('**/tags/overlap?ids=*', async (route) => {
    if (counting) return route.continue();
  });
  await page.goto(`/${account.section.slug}/segments/overlap`);
  const outdated = page.getByRole('region', { name: 'Exact combinations' }).locator('[aria-busy="true"]');
  await expect(page.getByRole('list', { name: /^Combinations/ }).getByRole('link')).toHaveCount(6);
  await expect(outdated).toHaveCount(0);
  counting = false;
  await page.getByRole('button', { name: 'Remove Tag 1 from the chart' }).click();
  await expect(outdated).toHaveCount(1);
});

test('a marketer with too few tags sees what to do', async ({ page, account, signIn, expectAccessible }) => {
  const { slug } = account.section;
  await signIn('user');
  await page.goto(`/${slug}/segments/overlap`);
  await expect(page.getByRole('heading', { name: 'No tags yet' })).toBeVisible();
  const vip = await addTag(account, 'VIP');
  await page.reload();
  await expect(page.getByRole('heading', { name: '“VIP” is the only tag' })).toBeVisible();
  await expectAccessible();
  const elsewhere = await addTag(account, 'Norwegian', [], account.other);
  await addTag(account, 'Partner');
  await page.goto(`/${slug}/segments/overlap?tags=${vip},${elsewhere}`);
  await expect(
    page.getByText('A tag in this link is hidden or belongs to another section, and was left out.'),
  ).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Which tags does “VIP” overlap with?' })).toBeVisible();
  expect((await page.request.get(`/data/${slug}/tags/overlap?ids=${vip},${elsewhere}`)).status()).toBe(404);
  expect((await page.request.get(`/data/${slug}/tags/overlap?ids=`)).status()).toBe(400);
  expect((await page.request.get(`/data/${account.other.slug}/tags/overlap?ids=${elsewhere}`)).status()).toBe(404);
});

test.describe('on a phone, in the dark', () => {
  test.use({ onPhone: true });

  test('thirty tags scroll in their own box, and no more can be added', async ({
    page,
    account,
    signIn,
    expectAccessible,
  }) => {
    const people = await addProfiles(account, 30);
    const ids: TagId[] = [];
    for (let index = 0; index < 31; index++) {
      ids.push(await addTag(account, `A campaign with a long name, number ${index}`, people.slice(index % 30)));
    }
    await addManyTags(account, 5);
    await signIn('user');
    await page.goto(`/${account.section.slug}/segments/overlap?tags=${ids.join(',')}`);
    await expect(page.getByRole('grid').getByRole('link')).toHaveCount(900);
    await expect(page.getByText('The chart can show 30 tags: 1 more is left out.')).toBeVisible();
    await page.getByRole('button', { name: 'Add a tag' }).tap();
    await page.getByRole('combobox', { name: 'Tags in the chart' }).fill('Campaign 3');
    await page.getByRole('option', { name: 'Campaign 3' }).tap();
    await expect(page.getByText('The chart can show 30 tags. Remove one first.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expectAccessible(page, 'tbody tr:nth-child(n + 4)');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  });
});
