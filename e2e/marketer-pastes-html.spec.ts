import { BLOCKS_WITH_TEXT, expectCanvasIsMail } from './canvas-and-mail';
import { expect, test, whenReady } from './fixtures';
import { writtenMessage } from './written-message';

const PASTED = `<table width="640"><tr><td><h2>Winter sale</h2></td></tr></table>
<script>document.title = 'Caught'</script>
<p style="color: #333" onclick="alert(1)">Hello {{First name|friend}}</p>
<a href="javascript:alert(1)">Now</a> <a href="https://example.org/sale">To the sale</a>`;

test('a marketer pastes HTML of an agency, is told what is left out, previews it as somebody and tests it', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const messageId = await writtenMessage(account, { people: 2, agreed: 2, blocks: BLOCKS_WITH_TEXT });
  await signIn('user');
  await page.goto(`/${account.section.slug}/messages/${messageId}`);
  await whenReady(page);
  await page.getByRole('button', { name: 'Add a block', exact: true }).click();
  await page.getByRole('menuitem', { name: /^HTML/ }).click();
  await page.getByRole('button', { name: 'Paste HTML', exact: true }).click();
  await page.getByRole('textbox', { name: 'HTML of the block' }).fill(PASTED);
  const leftOut = page.getByRole('region', { name: 'What is not sent' });
  await expect(leftOut).toContainText('Left out: scripts (');
  await expect(leftOut).toContainText('Left out: scripts on elements (');
  await expect(leftOut).toContainText('Left out: incomplete or unsafe links');
  await expect(leftOut).toContainText('640 pixels wide');
  await expectAccessible();
  await page.getByRole('button', { name: 'Use this HTML' }).click();
  const shown = page.frameLocator('iframe[title="HTML as it is sent"]');
  await expect(shown.getByText('Hello friend')).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  // What was typed is still there, word for word.
  await page.getByRole('button', { name: 'Change the HTML…' }).click();
  await expect(page.getByRole('textbox', { name: 'HTML of the block' })).toHaveValue(PASTED);
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  const preview = page.getByRole('dialog', { name: 'Preview' });
  const mail = preview.frameLocator('iframe');
  await expect(mail.getByText('Hello friend')).toBeVisible();
  await expectCanvasIsMail(page);
  await preview.getByRole('button', { name: 'As somebody' }).click();
  await preview.getByRole('combobox', { name: 'As whom' }).fill('person2@example.com');
  await page.getByRole('option').first().click();
  await expect(mail.getByText('Hello Person')).toBeVisible();
  await expectAccessible();
  await preview.getByRole('button', { name: 'Close' }).first().click();

  await page.getByRole('button', { name: 'Send a test…' }).first().click();
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('The test mail is in the mailbox')).toBeVisible();
  await page.getByRole('link', { name: /mailbox/i }).click();
  await page.getByRole('link', { name: /News of December/ }).click();
  const opened = page.frameLocator('iframe');
  await expect(opened.getByRole('heading', { name: 'Winter sale' })).toBeVisible();
  // It has an address of its own.
  await page.reload();
  await expect(opened.getByRole('heading', { name: 'Winter sale' })).toBeVisible();
  await expect(opened.getByText('Hello friend')).toBeVisible();
  await expect(opened.getByRole('link', { name: 'To the sale' })).toHaveAttribute('href', 'https://example.org/sale');
  await expect(opened.getByText('Now', { exact: true })).toBeVisible();
  await expect(opened.getByRole('link', { name: 'Now' })).toHaveCount(0);
  await expect(page).not.toHaveTitle('Caught');
});
