import { startSink } from '@/testing/smtp/sink';
import { expect, test } from './fixtures';

test('an admin adds a sender and tests it; an owner invites through it; whoever has forgotten a password gets a link', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  const sink = await startSink();
  const sending = `/${account.section.slug}/settings/sending`;
  await signIn('admin');

  // The built-in mailbox, for those who have no mail server.
  await page.goto(sending);
  await expectAccessible();
  await page.getByRole('button', { name: 'Add a built-in mailbox' }).click();
  await expect(page.getByText('This is not a real sender')).toBeVisible();
  await page.getByRole('button', { name: 'Send a test mail to me' }).click();
  await expect(page.getByText('The test mail is in the mailbox')).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'Open the mailbox' }).click();
  await page.getByRole('link', { name: 'Test of the sender' }).click();
  await expect(page.getByText('If you read this, it works.')).toBeVisible();
  await expectAccessible();

  // A mail server: nothing is kept that does not work.
  await page.goto(`${sending}/new`);
  await page.getByLabel('From address').fill('news@tagwell-story.invalid');
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByRole('button', { name: 'Encryption' }).click();
  await page.getByRole('option', { name: 'None' }).click();
  await page.getByLabel('Port').fill('1');
  await page.getByRole('button', { name: 'Test and add' }).click();
  await expect(page.getByText('Nothing is listening at this address.')).toBeVisible();
  await expectAccessible();
  await page.getByLabel('Port').fill(String(sink.port));
  await page.getByRole('button', { name: 'Test and add' }).click();
  await page.getByRole('button', { name: 'Send a test mail to me' }).click();
  await expect(page.getByText('The server has taken the test mail')).toBeVisible();
  expect(sink.heard.mails).toHaveLength(1);
  await page.getByRole('button', { name: 'Make a key' }).click();
  await expect(page.getByText('The key waits for its record')).toBeVisible();
  await expect(page.getByLabel('Also used for invitations and resets')).toBeDisabled();
  await expectAccessible();
  const sender = page.url();

  await signIn('owner');
  await page.goto(sender);
  await page.getByText('Also used for invitations and resets').click();
  await expect(page.getByLabel('Also used for invitations and resets')).toBeChecked();
  await page.goto(`/${account.section.slug}/settings/users`);
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByLabel('Email').fill(`nina.${account.id}@example.com`);
  await page.getByRole('button', { name: 'Create invitation' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await expect(page.getByText('on its way to them by mail')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect.poll(() => linkIn(sink.heard.mails[1])).toBe(new URL(link).pathname);

  const visitor = await (await browser.newContext({ baseURL })).newPage();
  await visitor.goto('/sign-in');
  await visitor.getByRole('link', { name: 'Forgotten your password?' }).click();
  // The sign-in page has an Email field too.
  await expect(visitor.getByRole('heading', { name: 'Forgotten your password?' })).toBeVisible();
  await expectAccessible(visitor);
  await visitor.getByLabel('Email').fill(account.email('user'));
  await visitor.getByRole('button', { name: 'Send me a link' }).click();
  await expect(visitor.getByText('a mail with a link is on its way')).toBeVisible();
  await expect.poll(() => sink.heard.mails.length).toBe(3);
  await visitor.goto(linkIn(sink.heard.mails[2])!);
  await visitor.getByLabel('Password').fill('seven warm lamps on a hill');
  await visitor.getByRole('button', { name: /password/ }).click();
  await expect(visitor.getByRole('heading', { name: 'Home' })).toBeVisible();
  await sink.close();
});

/** The path of the link in a mail, from its text part. */
const linkIn = (mail: string | undefined): string | undefined =>
  /\/invite\/[\w-]+/.exec(mail?.replace(/=\r\n/g, '').replace(/=3D/g, '=') ?? '')?.[0];
