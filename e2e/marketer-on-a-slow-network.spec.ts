import type { Request } from '@playwright/test';
import { hideTag } from '@/lib/tags/commands';
import { pool } from '@/lib/db/pool';
import { execute, one, sql, type Sql } from '@/lib/db/sql';
import {
  addProfiles,
  addTag,
  endSessions,
  expect,
  holdRequests,
  personOf,
  pressWhenReady,
  test,
  type Account,
} from './fixtures';

const isAction = (request: Request) => request.method() === 'POST' && 'next-action' in request.headers();

const countIn = async (account: Account, from: Sql) => {
  const where = sql`where section_id = ${account.section.id}`;
  const { count } = await one<{ count: number }>(pool(), sql`select count(*) from ${from} ${where}`);
  return count;
};

test('while answers are slow, nothing that a marketer does is lost or happens twice', async ({
  page,
  account,
  signIn,
}) => {
  const [first, second] = await addProfiles(account, 3);
  await addTag(account, 'Partner');
  await signIn('user');
  const home = `/${account.section.slug}`;

  // A note: sent twice, while the next one is being written.
  await page.goto(`${home}/profiles/${first}`);
  await pressWhenReady(page, 'Shift');
  const field = page.getByLabel('New note');
  await field.fill('Called her');
  const note = await holdRequests(page, isAction);
  await field.press('Control+Enter');
  await field.press('Control+Enter');
  await field.fill('Will call again');
  await note.release();
  const notes = page.getByRole('list', { name: 'Notes on this profile' }).getByRole('listitem');
  await expect(notes).toHaveCount(1);
  await expect(notes).toContainText('Called her');
  await expect(field).toHaveValue('Will call again');
  expect(await countIn(account, sql`profile_note`)).toBe(1);
  await field.fill('');

  // A new tag: Enter twice, while the next one is typed.
  await page.getByRole('button', { name: /Add or remove/ }).click();
  const picker = page.getByRole('combobox', { name: 'Tags of this profile' });
  await picker.fill('Met at the fair');
  await expect(page.getByRole('option', { name: /Create/ })).toBeVisible();
  const tag = await holdRequests(page, (request) => request.method() === 'POST');
  await picker.press('Enter');
  await picker.press('Enter');
  await picker.fill('Part');
  await tag.release();
  const chips = page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem');
  await expect(chips).toHaveText(['Met at the fair']);
  await expect(picker).toHaveValue('Part');
  expect(await countIn(account, sql`tag`)).toBe(2);

  // A saved view: Enter twice.
  await page.goto(`${home}/profiles?q=person`);
  await pressWhenReady(page, 'Shift');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: /Save as a new view/ }).click();
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('People');
  const view = await holdRequests(page, isAction);
  await name.press('Enter');
  await name.press('Enter');
  await view.release();
  await expect(page.getByRole('button', { name: 'View: People' })).toBeVisible();
  expect(await countIn(account, sql`profile_view`)).toBe(1);

  // Tags of one person from the list: the button cannot be pressed twice.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('t');
  await expect(page.getByRole('row', { name: /Person 3/ })).toBeFocused();
  await page.keyboard.press('t');
  const bulk = page.getByRole('combobox', { name: 'Tags to apply or to remove' });
  // A new tag: nothing can start while its name is being checked, and a tag removed during the check stays removed.
  const apply = page.getByRole('button', { name: 'Apply changes' });
  const plan = page.getByRole('list', { name: 'What will change' });
  await bulk.fill('Bravo');
  await expect(page.getByRole('option', { name: 'Create “Bravo”' })).toBeVisible();
  await bulk.press('Enter');
  await expect(plan).toContainText('Bravo, a new tag');
  const check = await holdRequests(page, (request) => request.url().includes('/tags/new'));
  await bulk.fill('Charlie');
  await expect(page.getByRole('option', { name: 'Create “Charlie”' })).toBeVisible();
  await bulk.press('Enter');
  await expect(apply).toBeDisabled();
  await page.getByRole('button', { name: 'Leave out Bravo' }).click();
  await check.release();
  await expect(plan).toContainText('Charlie, a new tag');
  await expect(plan).not.toContainText('Bravo');
  // Enter once more, out of impatience, takes none of the tags that are listed now.
  await expect(bulk).toHaveValue('');
  await bulk.press('Enter');
  await expect(plan.getByRole('listitem')).toHaveCount(1);
  await page.getByRole('button', { name: 'Leave out Charlie' }).click();
  await bulk.fill('Partner');
  await page.getByRole('option', { name: /Partner/ }).click();
  await expect(page.getByText('Partner: will be applied')).toBeVisible();
  const change = await holdRequests(page, isAction);
  await apply.press('Enter');
  await apply.press('Enter');
  await change.release();
  await expect(page.getByText('“Partner” applied to Person 3')).toBeVisible();
  await expect(page.getByRole('row', { name: /Person 3/ })).toBeFocused();
  await expect(page.getByRole('row', { name: /Person 3/ })).toContainText('Partner');
  // By hand, which is no bulk change; F6 leads to its undo.
  expect(await countIn(account, sql`operation`)).toBe(0);
  await page.keyboard.press('F6');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Person 3/ })).not.toContainText('Partner');

  // A favourite: on and off again.
  await page.goto(`${home}/tags`);
  await pressWhenReady(page, 'Shift');
  const star = page.getByRole('button', { name: 'Favourite: Partner' });
  const favourite = await holdRequests(page, isAction);
  await star.press('Enter');
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await star.press('Enter');
  await expect(star).toHaveAttribute('aria-pressed', 'false');
  await favourite.release();
  await expect.poll(favourite.held).toBeGreaterThan(0);

  // A merge of two people: confirmed twice.
  await page.goto(`${home}/profiles/${second}/merge/${first}`);
  await pressWhenReady(page, 'Shift');
  await page.getByRole('button', { name: 'Merge…' }).click();
  const confirm = page.getByRole('alertdialog', { name: 'Merge for good?' });
  await expect(confirm).toBeVisible();
  const merge = await holdRequests(page, isAction);
  await confirm.getByRole('button', { name: 'Merge for good' }).press('Enter');
  await page.keyboard.press('Enter');
  await merge.release();
  await expect(page.getByRole('heading', { level: 1, name: /Person/ })).toBeVisible();
  await expect(confirm).toBeHidden();
  expect(await countIn(account, sql`profile_merge`)).toBe(1);
  expect(await countIn(account, sql`tag_favourite`)).toBe(0);
});

test('a session that ends, a tag that is hidden meanwhile, and a hundred tags leave a page usable', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [profile] = await addProfiles(account, 1);
  const old = await addTag(account, 'Old campaign');
  await execute(
    pool(),
    sql`insert into tag (section_id, discriminator, name, name_key, colour)
        select ${account.section.id}, 'usercreated.tags.hundred-' || ${account.section.id} || '-' || number, 'Tag ' || number, 'tag ' || number,
          case when number = 100 then 'red' end
        from generate_series(1, 100) number`,
  );
  await execute(
    pool(),
    sql`insert into profile_tag (section_id, tag_id, profile_id, direct)
        select section_id, id, ${profile}::bigint, true from tag
        where section_id = ${account.section.id} and id <> ${old}`,
  );
  const home = `/${account.section.slug}`;
  await signIn('admin');
  await page.setViewportSize({ width: 360, height: 740 });

  // A hundred tags: all of them on the profile, the red one among the few that the list shows.
  await page.goto(`${home}/profiles/${profile}`);
  await expect(page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem')).toHaveCount(100);
  const wider = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await wider()).toBe(0);
  await page.goto(`${home}/profiles`);
  const row = page.getByRole('row', { name: /Person 1/ });
  await expect(row.getByRole('link', { name: 'Tag 100' })).toBeVisible();
  await expect(row).toContainText('+96');
  expect(await wider()).toBe(0);
  await page.setViewportSize({ width: 1280, height: 720 });

  // A colour for a tag that somebody has hidden: says who, and keeps what was chosen.
  await page.goto(`${home}/tags/${old}`);
  await pressWhenReady(page, 'Shift');
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit “Old campaign”' });
  await dialog.getByLabel('Description').fill('What it was for');
  await dialog.getByRole('radio', { name: 'Blue' }).check({ force: true });
  const admin = await personOf(account, 'owner');
  expect(await hideTag(admin, { sectionId: account.section.id, tagId: old })).toMatchObject({ ok: true });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('“Old campaign” was hidden by Olga Owner');
  await expect(dialog.getByLabel('Description')).toHaveValue('What it was for');
  await expect(dialog.getByRole('radio', { name: 'Blue' })).toBeChecked();
  await expectAccessible();

  // The session ends while a note is being written: it says so, and the note can be sent after signing in again.
  await page.goto(`${home}/profiles/${profile}`);
  await pressWhenReady(page, 'Shift');
  const field = page.getByLabel('New note');
  await field.fill('Written before');
  await endSessions(account, 'admin');
  await field.press('Control+Enter');
  const ended = page.getByRole('alertdialog', { name: 'Your session has ended' });
  await expect(ended).toBeVisible();
  await signIn('admin');
  await page.keyboard.press('Escape');
  await expect(field).toHaveValue('Written before');
  await expect(field).toBeFocused();
  await field.press('Control+Enter');
  await expect(page.getByRole('list', { name: 'Notes on this profile' })).toContainText('Written before');
});
