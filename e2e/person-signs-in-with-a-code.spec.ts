import type { Page } from '@playwright/test';
import { codeAt } from '@/lib/accounts/totp';
import { expect, PASSWORD, test } from './fixtures';

test('a marketer sets up two-factor sign-in and ends a session; an owner resets it and requires it of everyone', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  const mine = `/${account.section.slug}/settings/account`;
  await signIn('user');
  await page.goto(mine);
  await expectAccessible();
  await page.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog');
  await page.getByLabel('Your password').fill('not my password');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('This is not your current password.')).toBeVisible();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Continue' }).click();
  const first = await keyOn(page);
  await expectAccessible();
  await page.getByLabel('Code', { exact: true }).fill('12 34');
  await dialog.getByRole('button', { name: 'Set up', exact: true }).click();
  await expect(page.getByText('This code is wrong.')).toBeVisible();
  await page.getByLabel('Code', { exact: true }).fill(codeAt(first, inSteps(0)));
  await dialog.getByRole('button', { name: 'Set up', exact: true }).click();
  const shown = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(shown).toHaveCount(10);
  const codes = await shown.allTextContents();
  await expectAccessible();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 recovery codes are left.')).toBeVisible();

  // In another browser: the password alone opens nothing, and neither does a call from elsewhere with the right code.
  const elsewhere = await browser.newContext({ baseURL });
  const other = await elsewhere.newPage();
  const enterPassword = async () => {
    await other.goto(`/${account.section.slug}/tags`);
    await other.getByLabel('Email').fill(account.email('user'));
    await other.getByLabel('Password').fill(PASSWORD);
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await enterPassword();
  await expect(other.getByRole('heading', { name: 'Enter your code' })).toBeVisible();
  await expectAccessible(other);
  await other.getByLabel('Code', { exact: true }).fill('000000');
  const sent = other.waitForRequest((request) => request.method() === 'POST');
  await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(other.getByText('This code is wrong.')).toBeVisible();
  const call = await sent;
  const { 'next-action': action, 'content-type': type } = call.headers();
  const foreign = await other.request.post(call.url(), {
    headers: { 'next-action': action!, 'content-type': type!, origin: 'https://evil.example' },
    data: JSON.stringify([{ code: codeAt(first, inSteps(1)) }]),
  });
  expect(foreign.ok()).toBe(false);
  expect((await elsewhere.cookies()).map(({ name }) => name)).not.toContain('next-auth.session-token');
  await other.getByLabel('Code', { exact: true }).fill(codeAt(first, inSteps(1)));
  await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(other.getByRole('heading', { name: 'Tags', exact: true })).toBeVisible();

  // It is listed here, and ended.
  await page.reload();
  await page.getByRole('button', { name: /^End the session: Chrome on/ }).click();
  await expect(page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')).toHaveCount(1);
  await enterPassword();
  await other.getByRole('button', { name: 'Use a recovery code instead' }).click();
  await other.getByLabel('Recovery code').fill(codes[0]!.toUpperCase());
  await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(other.getByRole('heading', { name: 'Tags', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText('9 recovery codes are left.')).toBeVisible();
  await elsewhere.clearCookies();

  // The owner requires it, and resets Mia's: she is led to set it up again.
  await signIn('owner');
  await page.goto(`/${account.section.slug}/settings/users`);
  await expect(page.getByRole('row', { name: /Mia Marketer/ })).toContainText('On');
  await page.getByRole('button', { name: 'Require of everyone' }).click();
  await page.getByRole('button', { name: 'Require', exact: true }).click();
  await expect(page.getByText('Required of everyone who signs in by password')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for Mia Marketer' }).click();
  await page.getByRole('menuitem', { name: 'Reset two-factor sign-in' }).click();
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await expect(page.getByRole('row', { name: /Mia Marketer/ })).toContainText('Off');
  await expectAccessible();
  await enterPassword();
  await expect(other.getByRole('heading', { name: 'Set up two-factor sign-in' })).toBeVisible();
  await expectAccessible(other);
  const second = await keyOn(other);
  await other.getByLabel('Code', { exact: true }).fill(codeAt(second, inSteps(0)));
  await other.getByRole('button', { name: 'Set up and sign in' }).click();
  await expect(other.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10);
  await other.getByRole('button', { name: 'I have kept them' }).click();
  await expect(other.getByRole('heading', { name: 'Tags', exact: true })).toBeVisible();
  await elsewhere.close();
});

/** The code of now is used for setting up, that of the next step for signing in: both stay good if a step ends in between. */
const inSteps = (steps: number) => new Date(Date.now() + steps * 30_000);

/** The key that the page offers to type. */
const keyOn = async (page: Page): Promise<string> =>
  (await page.getByLabel('Key to type instead', { exact: true }).innerText()).replaceAll(' ', '');
