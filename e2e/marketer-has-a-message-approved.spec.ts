import { expect, test } from './fixtures';
import { writtenMessage } from './written-message';

test('an Admin tests a message on a test group; a marketer asks for approval; the Admin sends it back, and approves it once it is changed', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const messageId = await writtenMessage(account, { people: 3, agreed: 2 });
  const people = `/${account.section.slug}`;
  const message = `${people}/messages/${messageId}`;

  // The section wants a second person.
  await signIn('admin');
  await page.goto(`${people}/settings/sending`);
  const approval = page.getByRole('form').filter({ hasText: 'A second person' });
  await approval.getByText(/^A second person/).click();
  await approval.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved. It holds for messages from now on.')).toBeVisible();
  await expectAccessible();

  // A test to a new test group, which an Admin saves: each as it is written for them.
  await page.goto(message);
  await page.getByRole('button', { name: 'Send a test…' }).click();
  await page.getByText('A test group', { exact: true }).click();
  await page.getByRole('button', { name: 'New test group…' }).click();
  const group = page.getByRole('dialog', { name: 'New test group' });
  await group.getByLabel('Name', { exact: true }).fill('The team');
  await group.getByRole('combobox', { name: 'Add a person' }).fill('person1@');
  await group.getByRole('option').first().click();
  await group.getByRole('button', { name: 'Add a person…' }).click();
  await group.getByRole('combobox', { name: 'Add a person' }).fill('person3@');
  await group.getByRole('option').first().click();
  await expectAccessible();
  await group.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('The test mail is in the mailbox')).toBeVisible();
  await expect(page.getByText(/gets none: does not work here, and has not agreed/)).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Done' }).click();

  // Asked about, it is not sent.
  await signIn('user');
  await page.goto(message);
  const steps = page.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Ask for approval for 2 people…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ask for approval' }).click();
  await expect(page.getByText('It waits for approval', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve and send…' })).toHaveCount(0);
  await expectAccessible();

  // Somebody else is told, and sends it back.
  await signIn('admin');
  await page.goto(`${people}/profiles`);
  await page.getByRole('img', { name: '1 message waits for you' }).click();
  await page.getByRole('link', { name: 'December' }).click();
  await page.getByRole('button', { name: 'Send it back…' }).click();
  await page.getByLabel('What is to be changed').fill('The year is missing.');
  await expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Send it back' }).click();
  await expect(page.getByText(/has sent it back/)).toBeVisible();

  // Changed, it is asked about again, and goes out once it is approved.
  await signIn('user');
  await page.goto(message);
  await expect(page.getByText('“The year is missing.”')).toBeVisible();
  await page.getByRole('textbox', { name: 'Subject' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type(' 2026');
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText(/^Sent back by/)).toBeVisible();
  await page.getByRole('button', { name: 'Ask for approval for 2 people…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ask for approval' }).click();
  await expect(page.getByText('It waits for approval', { exact: true })).toBeVisible();
  await signIn('admin');
  await page.goto(message);
  await expect(page.getByRole('region', { name: 'What people get' }).locator('iframe')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Who gets it' })).toContainText('of 3 who match');
  await expectAccessible();
  await page.getByRole('button', { name: 'Approve and send…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve and send' }).click();
  await expect(page.getByText('Sent to 2 people')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Approval' }).getByRole('listitem')).toHaveCount(2);
});
