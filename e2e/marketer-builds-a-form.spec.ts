import { createTopic } from '@/lib/consents/topics';
import { addMailbox } from '@/lib/sending/commands';
import { addTag, chooseByEnter, expect, personOf, test } from './fixtures';

const BOTS = 100;

test('a marketer builds a form from a template, publishes and shares it; somebody fills it in on a phone without script and confirms; bots are in quarantine', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  const of = { sectionId: account.section.id };
  const admin = await personOf(account, 'admin');
  await addTag(account, 'Trade show 2026');
  await addTag(account, 'Wants a demo');
  const topic = await createTopic(admin, { ...of, name: 'Newsletter' });
  const mailbox = await addMailbox(admin, of);
  if (!topic.ok || !mailbox.ok) throw new Error('The section could not be set up.');

  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Forms' }).click();
  await expect(page.getByRole('heading', { name: 'No forms yet' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: /^Trade show lead/ }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Trade Show Lead');
  await expectAccessible();
  await page.getByRole('button', { name: 'Make the form' }).click();

  // A question is changed in place, moved by keyboard, copied, removed, and all of it undone.
  const card = (name: RegExp) => page.getByRole('group', { name });
  const preview = page.frameLocator('iframe[title="Preview of the form"]');
  await expect(preview.getByRole('heading', { name: 'Nice to meet you' })).toBeVisible();
  await card(/^Short text: Company/).click();
  const label = page.getByLabel('Label', { exact: true });
  await expect(label).toBeFocused();
  await label.fill('Company or organisation');
  await expect(preview.getByLabel(/^Company or organisation/)).toBeVisible();
  const company = card(/^Short text: Company or organisation/);
  await expect(company).toHaveAccessibleName(/7 of 11/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(company).toHaveAccessibleName(/6 of 11/);
  await expect(page.getByText('Short text: now 6 of 11')).toBeAttached();
  await page.keyboard.press('Control+d');
  await expect(company).toHaveCount(2);
  await page.keyboard.press('Delete');
  await expect(company).toHaveCount(1);
  await page.keyboard.press('Control+z');
  await expect(company).toHaveCount(2);
  await page.keyboard.press('Control+Shift+z');
  await expect(company).toHaveCount(1);

  // An answer gives a tag, and so does the form.
  await card(/^Any of several answers: What/).click();
  await page.getByRole('button', { name: 'Tags by “A demonstration”: tag by this answer' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: /^Tags by/ }), 'Wants a demo');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Remove Wants a demo' })).toBeVisible();
  await expectAccessible();
  const parts = page.getByRole('navigation', { name: 'Parts of the form' });
  await parts.getByRole('button', { name: 'After sending' }).click();
  await page.getByRole('button', { name: 'Tags to apply: add a tag' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: 'Tags to apply' }), 'Trade show 2026');
  await page.keyboard.press('Escape');
  for (const part of ['Confirmation', 'Look and words', 'Embedding and spam']) {
    await parts.getByRole('button', { name: part }).click();
    await expectAccessible();
  }
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByText('Published: people can fill it in now')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Published', exact: true })).toBeDisabled();

  // What is changed then is discarded, and brought back, whatever was reloaded in between.
  await parts.getByRole('button', { name: 'Questions' }).click();
  await company.click();
  await label.fill('Firm');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Publish changes' })).toBeEnabled();
  const firm = card(/^Short text: Firm/);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Discard unpublished changes' }).click();
  await expect(company).toBeVisible();
  await expect(page.getByRole('button', { name: 'Published', exact: true })).toBeDisabled();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(firm).toBeVisible();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Discard unpublished changes' }).click();
  await expect(company).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  // It is shared.
  await page.getByRole('link', { name: 'Share', exact: true }).click();
  const address = await page.getByRole('textbox', { name: 'Address of the form' }).inputValue();
  await page.getByLabel('campaign').fill('fair');
  await expect(page.getByRole('textbox', { name: 'Address of the form' })).toHaveValue(`${address}?campaign=fair`);
  await expect(page.getByRole('img', { name: /^QR code of .*campaign=fair$/ })).toBeVisible();
  await expectAccessible();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the QR code as PNG' }).click();
  expect((await downloading).suggestedFilename()).toBe('Trade Show Lead.png');

  // A visitor on a phone, without script.
  const phone = await browser.newContext({
    baseURL,
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    userAgent:
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36',
  });
  const visitor = await phone.newPage();
  await visitor.goto(`${address}?campaign=fair`);
  await visitor.getByLabel('First name').fill('Vera');
  await visitor.getByLabel(/^Email/).fill('vera@example.com');
  await visitor.getByLabel(/^Company/).fill('Vera & Daughters');
  await visitor.getByLabel('A demonstration').check();
  await visitor.getByLabel(/^You may write to me/).check();
  await visitor.getByRole('button', { name: 'Send' }).click();
  await expect(visitor.getByRole('heading', { name: 'One more step' })).toBeVisible();

  // Bots send the same advertisement again and again, from a network of their own.
  const advertisement = { firstname: 'https://cheap.example', question: 'https://a.example https://b.example' };
  for (let number = 1; number <= BOTS; number += 1) {
    const form = { ...advertisement, email: `bot${number}@example.com`, interest: 'Prices' };
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    await phone.request.post(address, { form, headers, failOnStatusCode: false });
  }

  // The visitor confirms by the mail in the built-in mailbox.
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/sending/${mailbox.value.id}/mailbox`);
  const subject = page.getByRole('link', { name: 'Please confirm your email address' });
  await expect(async () => {
    await page.reload();
    await expect(subject).toHaveCount(1, { timeout: 2_000 });
  }).toPass();
  await subject.click();
  const mail = page.frameLocator('iframe[title^="Mail:"]');
  const confirm = (await mail.getByRole('link', { name: 'Confirm' }).getAttribute('href'))!;
  await visitor.goto(confirm);
  await visitor.getByRole('button', { name: 'Confirm' }).click();
  await expect(visitor.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await phone.close();

  // The person is there, with the tags, their source, the consent and the answers.
  await signIn('user');
  await page.goto(`/${account.section.slug}/forms`);
  const row = page.getByRole('row', { name: /Trade Show Lead/ });
  await expect(row).toContainText('Open');
  await expectAccessible();
  await row.getByRole('link', { name: String(BOTS), exact: true }).click();
  await expect(
    page.getByRole('listitem').filter({ hasText: 'a link where a name was asked for' }).first(),
  ).toBeVisible();
  await expectAccessible();
  await page.getByRole('checkbox', { name: 'Choose bot100@example.com' }).press('Space');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('1 submission removed')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('link', { name: `In quarantine ${BOTS}` })).toBeVisible();
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await expect(page.getByText(`${BOTS} more are in quarantine`)).toBeVisible();
  const submission = page.getByRole('row', { name: /vera@example.com/ });
  await expect(submission).toContainText('Vera & Daughters');
  await expect(submission).toContainText('fair');
  await expect(submission).toContainText('Applied');
  await page.getByRole('searchbox', { name: 'Address or answer' }).fill('daughters');
  await expect(page).toHaveURL(/q=daughters/);
  await submission.getByText('Vera & Daughters').click();
  await expect(page.getByRole('dialog', { name: 'vera@example.com' })).toContainText('A demonstration');
  await expectAccessible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('link', { name: 'Numbers', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Where people leave' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'Submissions', exact: true }).click();
  await submission.getByRole('link', { name: 'Profile' }).click();
  for (const tag of ['Trade show 2026', 'Wants a demo']) {
    await page.getByRole('button', { name: `${tag}: where it came from` }).click();
    await expect(page.getByRole('dialog')).toContainText('Trade Show Lead');
    await page.keyboard.press('Escape');
  }
  await expect(page.getByRole('region', { name: 'Consents' })).toContainText('Newsletter');
  await expect(page.getByRole('main')).toContainText('Vera & Daughters');

  // Closed, it says so; a copy and the form itself can be deleted and brought back.
  await page.goto(`/${account.section.slug}/forms`);
  await page.getByRole('button', { name: 'More: Trade Show Lead' }).click();
  await page.getByRole('menuitem', { name: 'Close' }).click();
  await expect(row).toContainText('Closed');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toContainText('Open');

  // Deleted, it is found among those, and comes back.
  await page.getByRole('button', { name: 'More: Trade Show Lead' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole('link', { name: 'Deleted forms' }).click();
  await page.getByRole('button', { name: 'Bring back Trade Show Lead' }).click();
  await expect(page.getByText('No deleted forms')).toBeVisible();
  await page.getByRole('link', { name: 'All forms' }).click();
  await expect(row).toContainText('Open');
});
