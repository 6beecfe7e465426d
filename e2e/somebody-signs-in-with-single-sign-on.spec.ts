import { test as base, expect } from '@playwright/test';
import { clientOf, startIdentityProvider, type IdentityProvider } from '@/testing/identity-provider';
import { startTagwell } from './server';
import { setUpAccount } from './set-up';

type Place = { tagwell: Awaited<ReturnType<typeof startTagwell>>; provider: IdentityProvider };

const test = base.extend<object, { place: Place }>({
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

test('somebody who was invited signs in with single sign-on; a stranger, or an unverified address, does not', async ({
  page,
  browser,
  place: { tagwell, provider },
}) => {
  await setUpAccount(page, tagwell);

  const signIn = async (person: IdentityProvider['person']) => {
    provider.person = person;
    const context = await browser.newContext({ baseURL: tagwell.address });
    const theirs = await context.newPage();
    await theirs.goto('/sign-in');
    await theirs.getByRole('button', { name: /Fjord ID/ }).click();
    return theirs;
  };
  const stranger = await signIn({ email: 'stranger@example.com', email_verified: true });
  await expect(stranger.getByText('there is no Tagwell user with your address')).toBeVisible();
  const unverified = await signIn({ email: 'olga@example.com', email_verified: false });
  await expect(unverified.getByText('there is no Tagwell user with your address')).toBeVisible();
  const olga = await signIn({ email: 'Olga@Example.com', email_verified: true });
  await expect(olga.getByRole('heading', { name: 'No profiles yet' })).toBeVisible();
});
