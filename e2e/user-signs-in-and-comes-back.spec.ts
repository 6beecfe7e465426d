import type { Request } from '@playwright/test';
import { addProfiles, endSessions, expect, PASSWORD, test } from './fixtures';

test('a link opened while signed out leads there after signing in; an ended session is announced and keeps what was typed', async ({
  page,
  context,
  account,
  expectAccessible,
}) => {
  const signIn = async (tab: typeof page) => {
    await tab.getByLabel('Email').fill(account.email('owner'));
    await tab.getByLabel('Password').fill(PASSWORD);
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  // The session ends with one specific request, so that no background request of the page finds it ended before the
  // click.
  const endSessionAt = (isIt: (request: Request) => boolean) =>
    page.route('**/*', async (route) => {
      if (isIt(route.request())) await endSessions(account, 'owner');
      await route.continue();
    });
  const link = `/${account.other.slug}/profiles?q=anna%20b`;
  await page.goto(link);
  await expect(page).toHaveURL((url) => url.pathname === '/sign-in');
  for (const file of ['robots.txt', 'favicon.ico', 'manifest.webmanifest', 'icon-192.png', 'apple-touch-icon.png'])
    expect((await page.request.get(`/${file}`)).status()).toBe(200);
  await page.getByLabel('Email').fill(account.email('owner'));
  await page.getByLabel('Password').fill('not my password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('The email address or the password is wrong.')).toBeVisible();
  await signIn(page);
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
  await expect(page).toHaveURL((url) => url.pathname === `/${account.other.slug}/profiles`);
  expect(new URL(page.url()).searchParams.get('q')).toBe('anna b');

  // The session ends while somebody fills in a form.
  await page.goto(`/${account.section.slug}/settings/sections`);
  await page.getByRole('button', { name: 'Add section' }).click();
  await page.getByLabel('Name').fill('Denmark');
  await endSessionAt((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Save' }).click();
  const ended = page.getByRole('alertdialog', { name: 'Your session has ended' });
  await expect(ended).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await expectAccessible();
  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    ended.getByRole('link', { name: 'Sign in again' }).click(),
  ]);
  await signIn(tab);
  await expect(tab.getByRole('heading', { name: 'You are signed in again' })).toBeVisible();
  await tab.close();
  await expect(ended).toBeHidden();
  await expect(page.getByLabel('Name')).toHaveValue('Denmark');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Denmark' })).toBeVisible();

  // It ends behind an open tag picker: the message appears on top, Escape closes only the message, and the picker shows
  // the reason.
  const [profile] = await addProfiles(account, 1);
  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await expect(page.getByRole('heading', { name: 'Person 1' })).toBeVisible();
  await endSessionAt((request) => /\/data\/[^/]+\/tags/.test(request.url()));
  await page.getByRole('button', { name: /Add or remove/ }).click();
  await expect(ended).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await ended.getByRole('button', { name: 'Close' }).last().click({ trial: true });
  await page.keyboard.press('Escape');
  await expect(ended).toBeHidden();
  await expect(page.getByText('The tags could not be loaded. Your session has ended.')).toBeVisible();
  await page.goto('/sign-in');
  await signIn(page);
  await expect(page.getByRole('heading', { name: 'Home', exact: true })).toBeVisible();

  // A copy of the cookie is worthless after signing out.
  const cookies = await context.cookies();
  await page.getByRole('button', { name: /Olga Owner/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await context.addCookies(cookies);
  await page.goto(`/${account.section.slug}/profiles`);
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();

  // Signing out everywhere is confirmed on the sign-in page.
  await signIn(page);
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
  await page.goto(`/${account.section.slug}/settings/account`);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByText('You have been signed out everywhere')).toBeVisible();
});
