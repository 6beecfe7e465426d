import { expect, test } from './fixtures';
import { writtenMessage } from './written-message';

test('a marketer tries two subjects on a part of the audience, sends the chosen one to the others, and sees the report by variant', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const messageId = await writtenMessage(account, { people: 10, agreed: 10 });
  await signIn('user');
  await page.goto(`/${account.section.slug}/messages/${messageId}`);

  // What differs: the subject.
  const steps = page.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'A/B test' }).click();
  await page.getByText(/^The subject/).click();
  await page.getByRole('textbox', { name: 'Part of the audience for the test, in %' }).fill('40');
  await expect(
    page.getByText(/Of 10 people as of now, about 2 get each variant, at random. The other 6 wait/),
  ).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Write variant B' }).click();
  await expect(page.getByText('Only the subject and the preview text differ from A.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Subject' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('Only this week');
  await expectAccessible();
  await page.getByRole('button', { name: 'Variant A' }).click();
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveText('News of December');
  await expect(page.getByText('For everybody.')).toBeVisible();

  // A test of B.
  await page.getByRole('button', { name: 'Send a test…' }).click();
  await page.getByText('Variant B', { exact: true }).last().click();
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('The test mail is in the mailbox')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();

  // The test part goes out, the others wait.
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText(/^Of the subject: 40 % get one of the variants/)).toBeVisible();
  await page.getByRole('button', { name: 'Send to 10 people…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send the test to 4 people' }).click();
  const ab = page.getByRole('region', { name: 'A/B test' });
  await expect(ab.getByRole('status')).toContainText('Until then 6 people wait.', { timeout: 60_000 });
  await expect(ab.getByRole('listitem').filter({ hasText: 'Only this week' })).toContainText('2 sent');
  await expectAccessible();

  // Somebody does not wait for the clicks.
  await ab.getByRole('button', { name: 'Send B to the others…' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Send B', exact: true }).click();
  await expect(page.getByText('Sent to 10 people')).toBeVisible({ timeout: 60_000 });
  await expect(ab.getByText('Mia Marketer decided: the others get B.')).toBeVisible();
  await page.getByRole('link', { name: 'Report' }).click();
  const table = page.getByRole('region', { name: 'A/B test' }).first();
  await expect(table.getByRole('row', { name: /^B the others, after the test/ })).toContainText('6');
  await expect(page.getByText(/^Too close to call: nobody clicked/)).toBeVisible();
  await expectAccessible();
});
