import { test as base, expect } from '@playwright/test';
import { clientOf, startIdentityProvider, type IdentityProvider } from '@/testing/identity-provider';
import { startTagwell } from './server';
import { setUpAccount } from './set-up';

type SectionRef = { tagwell: Awaited<ReturnType<typeof startTagwell>>; provider: IdentityProvider };

const test = base.extend<object, { place: SectionRef }>({
  place: [
    async ({ browserName: _browserName }, use) => {
      const provider = await startIdentityProvider();
      const tagwell = await startTagwell('single-sign-on.log', clientOf(provider));
      await use({ tagwell, provider });
      await tagwell.stop();
      await provider.stop();
    },
    { scope: 'worker' },
  ],
});

test('somebody who was invited signs in with single sign-on and lands on the link they opened; others do not', async ({
  page,
  browser,
  place: { tagwell, provider },
}) => {
  await setUpAccount(page, tagwell);

  const signIn = async (person: IdentityProvider['person']) => {
    provider.person = person;
    const context = await browser.newContext({ baseURL: tagwell.address });
    const theirs = await context.newPage();
    await theirs.goto('/norway/imports?page=1');
    await theirs.getByRole('button', { name: /Fjord ID/ }).click();
    return theirs;
  };
  const stranger = await signIn({ email: 'stranger@example.com', email_verified: true });
  await expect(stranger.getByText('there is no Tagwell user with your address')).toBeVisible();
  for (const email_verified of [false, undefined, 'false'] as const) {
    const unverified = await signIn({ email: 'olga@example.com', email_verified, sub: '1' });
    await expect(unverified.getByText('does not say that your email address is verified')).toBeVisible();
  }
  const olga = await signIn({ email: 'Olga@Example.com', email_verified: 'true', sub: '1' });
  await expect(olga.getByRole('heading', { name: 'Imports', exact: true })).toBeVisible();
  expect(new URL(olga.url()).pathname).toBe('/norway/imports');
  const impostor = await signIn({ email: 'olga@example.com', email_verified: true, sub: '2' });
  await expect(impostor.getByText('is linked with another sign-in')).toBeVisible();
  // The link is kept: with the password one lands there too.
  await impostor.getByLabel('Email').fill('olga@example.com');
  await impostor.getByLabel('Password').fill('a long enough password');
  await impostor.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(impostor.getByRole('heading', { name: 'Imports', exact: true })).toBeVisible();
});
