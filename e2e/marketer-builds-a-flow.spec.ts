import type { Page } from '@playwright/test';
import { addTag, chooseByEnter, expect, test } from './fixtures';
import { writtenMessage } from './written-message';

/** Adds a step behind the card that has the focus, by its kind. */
async function add(page: Page, kind: string, name: RegExp): Promise<void> {
  await page.keyboard.press('+');
  await chooseByEnter(page.getByRole('combobox', { name: 'Add a step' }), kind);
  await expect(page.getByRole('treeitem', { name })).toBeFocused();
}

test('a marketer builds a flow from an empty canvas by keyboard alone, takes steps back, copies a branch into another flow, and publishes', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  for (const tag of ['Newsletter Sign-up', 'VIP', 'Welcomed', 'Do not contact']) await addTag(account, tag);
  await writtenMessage(account, { people: 2, agreed: 1 });
  const card = (name: RegExp) => page.getByRole('treeitem', { name });
  const { keyboard } = page;

  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Flows' }).click();
  await expect(page.getByRole('heading', { name: 'No flows yet' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: /^An empty flow/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('Welcome series');
  await keyboard.press('Enter');

  // What lets people in.
  await card(/^Trigger/).focus();
  await keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /People enter when/ })).toBeFocused();
  await keyboard.press('Enter');
  await keyboard.type('A tag is applied');
  await keyboard.press('Enter');
  await page.getByRole('button', { name: /^Choose a tag Tag$/ }).press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Tag', exact: true }), 'Newsletter Sign-up');
  await expect(card(/^Trigger: When Newsletter Sign-up is applied/)).toBeVisible();

  // The steps.
  await page.getByRole('button', { name: /^Newsletter Sign-up Tag$/ }).press('Escape');
  await expect(card(/^Trigger/)).toBeFocused();
  await add(page, 'email', /^Email: Send an email, step 1 of 1, Choose the message/);
  await keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Choose an email Email$/ })).toBeFocused();
  await keyboard.press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Email' }), 'December');
  await expect(card(/^Email: Send “December”, step 1 of 1$/)).toBeVisible();
  await page.getByRole('button', { name: /^December Email$/ }).press('Escape');
  await add(page, 'wait', /^Wait: Wait 1 day, step 2 of 2/);
  await keyboard.press('Enter');
  await keyboard.type('2');
  await keyboard.press('Escape');
  await expect(card(/^Wait: Wait 2 days, step 2 of 2/)).toBeFocused();
  await add(page, 'branch', /^Branch: Does somebody fit a condition\?, step 3 of 3/);

  // Its condition, in the builder of segments.
  await keyboard.press('ArrowDown');
  await expect(card(/^Yes, way 1 of 2 of .*Say who goes this way/)).toBeFocused();
  await keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Choose the conditions' })).toBeFocused();
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Who goes this way' });
  await dialog.getByRole('button', { name: 'Add a condition' }).press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Add a condition' }), 'VIP');
  await expect(dialog.getByText('Everyone who has VIP.')).toBeVisible();
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Done' }).press('Enter');
  await expect(card(/^Branch: Is it somebody who has VIP\?, step 3 of 3/)).toBeVisible();
  await expectAccessible();

  // A tag on one way; the other one ends.
  await card(/^Yes, way 1 of 2/).focus();
  await add(
    page,
    'tags',
    /^Tags: Apply or remove tags, step 1 of 1, on “Yes” of “Is it somebody who has VIP\?”, Choose a tag/,
  );
  await page.getByRole('button', { name: 'Tags to apply: add a tag' }).press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Tags to apply' }), 'Welcomed');
  await keyboard.press('Escape');
  await card(/^Tags: Apply Welcomed/).focus();
  await keyboard.press('ArrowRight');
  await expect(card(/^No, way 2 of 2/)).toBeFocused();
  await add(page, 'leave', /^Leave: Leave the flow/);

  // Moved, doubled, removed with a question, and all of it undone.
  await keyboard.press('Home');
  await keyboard.press('ArrowDown');
  await keyboard.press('Alt+ArrowDown');
  await expect(card(/^Email: Send “December”, step 2 of 3/)).toBeFocused();
  await keyboard.press('Control+z');
  await expect(card(/^Email: Send “December”, step 1 of 3/)).toBeFocused();
  await card(/^Branch/).focus();
  await keyboard.press('Control+d');
  await expect(card(/^Branch/)).toHaveCount(2);
  await keyboard.press('Delete');
  await expect(page.getByRole('alertdialog')).toContainText('There are 2 steps on its ways.');
  await page.getByRole('button', { name: 'Remove 3 steps' }).press('Enter');
  await expect(card(/^Branch/)).toHaveCount(1);
  await keyboard.press('Control+z');
  await expect(card(/^Branch/)).toHaveCount(2);
  await keyboard.press('Control+z');
  await expect(card(/^Branch/)).toHaveCount(1);

  // The branch is copied into another flow.
  await card(/^Branch/).focus();
  await keyboard.press('Control+c');
  await expect(page.getByText(/^3 steps copied/)).toBeAttached();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const address = page.url();
  await page.goto(`/${account.section.slug}/flows/new?template=birthday`);
  await page.getByRole('button', { name: 'Make the flow' }).click();
  await card(/Happy birthday/).focus();
  await keyboard.press('Control+v');
  await expect(card(/^Branch: Is it somebody who has VIP\?, step 2 of 2/)).toBeFocused();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  // Its settings, what is missing, and publishing.
  await page.goto(address);
  await page.getByRole('button', { name: /^Settings: Everybody enters once/ }).press('Enter');
  await page.getByRole('button', { name: /^None Exit tag$/ }).press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Exit tag' }), 'Do not contact');
  await page.getByRole('button', { name: /^None Goal$/ }).press('Enter');
  await keyboard.type('They have a tag');
  await keyboard.press('Enter');
  await page.getByRole('button', { name: /^Choose a tag Tag of the goal$/ }).press('Enter');
  await chooseByEnter(page.getByRole('combobox', { name: 'Tag of the goal' }), 'Welcomed');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: /goal Welcomed, leaves with Do not contact/ })).toBeVisible();
  await card(/^Wait/).focus();
  await add(page, 'sms', /^SMS: Send an SMS, step 3 of 4, Choose the message/);
  await page.getByRole('button', { name: 'Publish', exact: true }).press('Enter');
  await page
    .getByRole('dialog', { name: 'Checks' })
    .getByRole('button', { name: /Choose the message/ })
    .press('Enter');
  await expect(page.getByRole('button', { name: /^Choose an SMS SMS$/ })).toBeFocused();
  await keyboard.press('Escape');
  await keyboard.press('Delete');
  await page.getByRole('button', { name: 'Publish', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).press('Enter');
  await expect(page.getByText('Published: the flow is live')).toBeVisible();
  await expect(card(/^Trigger: .*0 entered · 0 in it · 0 reached the goal/)).toBeVisible();
  await expectAccessible();

  // The list, and the same flow as an outline on a phone.
  await page.getByRole('button', { name: 'Pause' }).press('Enter');
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('dialog', { name: 'Wait 2 days' }).getByRole('button', { name: 'Done' }).click();
  await page.locator('button[data-node-id]', { hasText: 'Wait 2 days' }).click();
  await expect(page.getByRole('dialog', { name: 'Wait 2 days' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Add a step after Wait 2 days' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: 'Add a step' }), 'notice');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.locator('button[data-node-id]', { hasText: 'Tell a colleague' })).toBeVisible();
  await expectAccessible();
});

test('two people work on the same flow: the second one is told, and nothing is lost', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
}) => {
  await signIn('user');
  await page.goto(`/${account.section.slug}/flows/new?template=welcome`);
  await page.getByRole('button', { name: 'Make the flow' }).click();
  await expect(page.getByRole('treeitem', { name: /^Wait/ })).toBeVisible();
  const other = await (await browser.newContext({ baseURL })).newPage();
  await signIn('admin', other);
  await other.goto(page.url());
  await other.getByRole('treeitem', { name: /^Wait/ }).focus();
  await other.keyboard.press('Delete');
  await expect(other.getByText('Saved', { exact: true })).toBeVisible();
  await page.getByRole('treeitem', { name: /^Wait/ }).focus();
  await page.keyboard.press('Control+d');
  await expect(page.getByText('Not saved:')).toBeVisible();
  await expect(page.getByRole('treeitem', { name: /^Wait/ })).toHaveCount(2);
  await page.getByRole('button', { name: 'Keep mine as a copy' }).click();
  await expect(page.getByText(/^What you did is in/)).toBeVisible();
  await expect(page.getByRole('treeitem', { name: /^Wait/ })).toHaveCount(2);
  await other.context().close();
});
