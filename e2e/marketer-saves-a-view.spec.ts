import { addProfiles, addTag, expect, personOf, pressWhenReady, test } from './fixtures';
import { hideTag } from '@/lib/tags/commands';

test('a marketer saves a view, opens it again, and shares it by its link', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const profiles = await addProfiles(account, 60);
  await addTag(account, 'Partner', profiles.slice(0, 55));
  const path = `/${account.section.slug}/profiles`;
  await signIn('user');
  await page.goto(path);
  await page.getByRole('button', { name: 'Tags', exact: true }).click();
  await page.getByText('Any of', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Any of these tags' }).fill('Part');
  await page.getByRole('option', { name: /Partner/ }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByText('55 profiles match')).toBeVisible();
  await page.getByRole('button', { name: 'Display' }).click();
  const display = page.getByRole('dialog', { name: 'Display' });
  await display.getByRole('group', { name: 'Columns' }).getByText('Last change').click();
  await display.getByText('Compact').click();
  // A column that was turned on comes last; it moves by its arrows, which keep the focus, and by dragging.
  await expect(page).toHaveURL(/cols=keys,tags,added,changed/);
  await display.getByRole('button', { name: 'Move Last change up' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/cols=keys,tags,changed,added/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/cols=keys,changed,tags,added/);
  await expect(display.getByText('Last change is column 2 of 4')).toBeAttached();
  await display
    .getByRole('row', { name: 'Added' })
    .dragTo(display.getByRole('row', { name: 'Keys' }), { targetPosition: { x: 40, y: 2 } });
  await expect(page).toHaveURL(/cols=added,keys,changed,tags/);
  await expectAccessible();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Last change' }).getByRole('button').click();
  await expect(page).toHaveURL(/sort=-changed/);

  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.getByText('51–55 of 55')).toBeVisible();
  await page.goBack();
  await expect(page.getByText('1–50 of 55')).toBeVisible();

  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: /Save as a new view/ }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Partners');
  await page.getByText('Share it with everybody in this section').click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByRole('button', { name: 'View: Partners' })).toBeVisible();
  const link = page.url();

  await signIn('admin');
  await page.goto(path);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: /Partners/ }).click();
  await expect(page.getByText('55 profiles match')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Last change' })).toHaveAttribute('aria-sort', 'descending');
  const titles = page.getByRole('columnheader').filter({ hasText: /\w/ });
  await expect(titles).toHaveText(['Name', 'Added', 'Keys', 'Last change', 'Tags']);
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'View: Partners' })).toBeVisible();
  await expect(titles).toHaveText(['Name', 'Added', 'Keys', 'Last change', 'Tags']);
});

test('a view whose tag was hidden says so, shows nobody, and goes on without it', async ({ page, account, signIn }) => {
  const profiles = await addProfiles(account, 4);
  const gone = await addTag(account, 'Fair', profiles.slice(0, 2));
  const kept = await addTag(account, 'Kept', profiles.slice(0, 3));
  const admin = await personOf(account, 'admin');
  expect(await hideTag(admin, { sectionId: account.section.id, tagId: gone })).toMatchObject({ ok: true });
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles?has=${gone},${kept}&cols=tags,attribute:lost`);
  await expect(page.getByText(/The tag “Fair” was hidden by Adam Admin/)).toBeVisible();
  await expect(page.getByText(/There is no attribute “lost”/)).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove from the filter and show the rest' }).click();
  await expect(page.getByText('3 profiles match')).toBeVisible();
  await page.getByRole('button', { name: 'Leave it out' }).click();
  await expect(page.getByText(/There is no attribute/)).toHaveCount(0);
});

test('a marketer goes from a row to its tags with one key, and the focus is never lost on the way', async ({
  page,
  account,
  signIn,
}) => {
  const profiles = await addProfiles(account, 2);
  const tag = await addTag(account, 'Kept', profiles);
  const other = await addTag(account, 'Also kept', profiles);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await pressWhenReady(page, 'ArrowDown');
  await page.keyboard.press('t');
  await expect(page.getByRole('dialog', { name: 'Tag Person 2' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Tags to apply or to remove' })).toBeFocused();
  await page.keyboard.type('Kept');
  await page.getByRole('option', { name: 'Kept', exact: false }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Leave .*ept as it is/ }).press('Enter');
  await expect(page.getByRole('combobox', { name: 'Tags to apply or to remove' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row', { name: /Person 2/ })).toBeFocused();
  // Nobody stays selected, so the next person is the one in focus.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('t');
  await expect(page.getByRole('dialog', { name: 'Tag Person 1' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row', { name: /Person 1/ })).toBeFocused();

  // From the search to its results, to a person and back to the row.
  await page.keyboard.press('/');
  await page.keyboard.type('Person 1');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row', { name: /Person 1/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Back to the list' }).press('Enter');
  await expect(page.getByRole('row', { name: /Person 1/ })).toBeFocused();

  // A chip of the filter that goes hands the focus to the button that adds filters.
  await page.goto(`/${account.section.slug}/profiles?has=${tag},${other}`);
  await pressWhenReady(page, 'Shift');
  await page.getByRole('button', { name: 'Remove filter: has Kept' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Attribute' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /Attribute$/ }).last()).toBeFocused();
  await page.keyboard.press('Escape');

  // On a profile: back from the picker, and ready for the next note.
  await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
  await pressWhenReady(page, 't');
  await expect(page.getByRole('combobox', { name: 'Tags of this profile' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /Add or remove/ })).toBeFocused();
  await page.getByLabel('New note').fill('Called');
  await page.getByRole('button', { name: 'Add note' }).press('Enter');
  await expect(page.getByRole('list', { name: 'Notes on this profile' })).toContainText('Called');
  await expect(page.getByLabel('New note')).toBeFocused();
});
