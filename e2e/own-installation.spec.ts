// Stories that stop or lock the database, or need special settings: all in a separate installation, one after the
// other.
import type { BrowserContext, Cookie } from '@playwright/test';
import pg from 'pg';
import type { AccountId, SectionId } from '@/lib/db/ids';
import { execute, one, sql } from '@/lib/db/sql';
import { clientOf, startIdentityProvider, type IdentityProvider } from '@/testing/identity-provider';
import { addProfilesOn, expect, test as base } from './fixtures';
import { startTagwell } from './server';
import { setUpAccount } from './set-up';

type Installation = {
  tagwell: Awaited<ReturnType<typeof startTagwell>>;
  provider: IdentityProvider;
  /** The one-time link with which its owner, Olga, has set it up. */
  link: string;
  /** Olga's session. */
  cookies: Cookie[];
};

const test = base.extend<object, { installation: Installation }>({
  installation: [
    async ({ browser }, use) => {
      const provider = await startIdentityProvider();
      const tagwell = await startTagwell('own-installation.log', clientOf(provider));
      const context = await browser.newContext({ baseURL: tagwell.address });
      const link = await setUpAccount(await context.newPage(), tagwell);
      const cookies = await context.cookies();
      await context.close();
      await use({ tagwell, provider, link, cookies });
      await tagwell.stop();
      await provider.stop();
    },
    { scope: 'worker' },
  ],
});

test.describe.configure({ mode: 'default' });
test.use({ pagesMayFail: true });

test('an invited person signs in with single sign-on and lands on the link they opened; others are refused', async ({
  browser,
  installation: { tagwell, provider },
}) => {
  const contexts: BrowserContext[] = [];
  const signIn = async (person: IdentityProvider['person']) => {
    provider.person = person;
    const context = await browser.newContext({ baseURL: tagwell.address });
    contexts.push(context);
    const theirs = await context.newPage();
    await theirs.goto('/norway/imports?page=1');
    await theirs.getByRole('button', { name: /Fjord ID/ }).click();
    return theirs;
  };
  const stranger = await signIn({ email: 'stranger@example.com', email_verified: true });
  await expect(stranger.getByText('there is no Tagwell user with your address')).toBeVisible();
  for (const email_verified of [false, undefined, 'false'] as const) {
    const unverified = await signIn({ email: 'olga@example.com', email_verified, sub: '1' });
    await expect(unverified.getByText('has not verified your email address')).toBeVisible();
  }
  const olga = await signIn({ email: 'Olga@Example.com', email_verified: 'true', sub: '1' });
  await expect(olga.getByRole('heading', { name: 'Imports', exact: true })).toBeVisible();
  expect(new URL(olga.url()).pathname).toBe('/norway/imports');
  const impostor = await signIn({ email: 'olga@example.com', email_verified: true, sub: '2' });
  await expect(impostor.getByText('is linked with another sign-in')).toBeVisible();
  // The link is kept: signing in with the password leads there too.
  await impostor.getByLabel('Email').fill('olga@example.com');
  await impostor.getByLabel('Password').fill('a long enough password');
  await impostor.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(impostor.getByRole('heading', { name: 'Imports', exact: true })).toBeVisible();
  for (const context of contexts) await context.close();
});

test('a slow count is cancelled in the database when the rules change', async ({
  page,
  installation: { tagwell, cookies },
}) => {
  const database = new pg.Pool({ connectionString: tagwell.databaseUrl });
  const blocker = await database.connect();
  try {
    const norway = await one<{ accountId: AccountId; sectionId: SectionId }>(
      blocker,
      sql`select account_id as "accountId", id as "sectionId" from section`,
    );
    await addProfilesOn(blocker, norway, 5);
    const { everyone } = await one<{ everyone: number }>(blocker, sql`select count(*)::int as everyone from profile`);
    await page.context().addCookies(cookies);
    await page.goto(`${tagwell.address}/norway/segments/new`);
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByRole('combobox', { name: 'Add a condition' }).fill('First name');
    await page.keyboard.press('Enter');
    await execute(blocker, sql`begin`);
    await execute(blocker, sql`lock table profile in access exclusive mode`);
    // The queries that wait for the table, by their text.
    const waiting = async () => {
      const { count } = await one<{ count: number }>(
        database,
        sql`select count(*)::int as count from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%strpos%' and datname = current_database()`,
      );
      return count;
    };
    await page.getByRole('combobox', { name: /How First name is compared/ }).selectOption('contains');
    await page.getByRole('combobox', { name: 'First name', exact: true }).fill('Per');
    // The count of the single condition, which is the count of everything, and the sample.
    await expect.poll(waiting).toBe(2);
    await page.getByRole('combobox', { name: /How First name is compared/ }).selectOption('has a value');
    await expect.poll(waiting).toBe(0);
    await execute(blocker, sql`rollback`);
    await expect(page.getByTestId('total')).toHaveText(String(everyone));
  } finally {
    blocker.release(true);
    await database.end();
  }
});

test('an operator finds in the log, by its number, why a page or an action failed', async ({
  page,
  installation: { tagwell, cookies },
}) => {
  const database = new pg.Pool({ connectionString: tagwell.databaseUrl });
  /** The log lines about failed requests. */
  const failures = () =>
    tagwell
      .output()
      .split('\n')
      .filter((line) => line.includes('"a request failed"'))
      .map((line) => JSON.parse(line) as unknown);
  const failed = (of: string, requestId: unknown): unknown => {
    const stack: unknown = expect.stringMatching(/relation "…" does not exist\n {4}at /);
    const err: unknown = expect.objectContaining({ code: '42P01', stack });
    return expect.objectContaining({ level: 50, requestId, of, route: '/[section]/settings/data-model/tags', err });
  };
  try {
    await page.context().addCookies(cookies);
    await page.goto(`${tagwell.address}/norway/settings/data-model/tags`);
    await page.getByRole('button', { name: 'Add New Tag' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('VIP');
    await execute(database, sql`alter table tag rename to tag_away`);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(failures).toContainEqual(failed('action', expect.any(String)));

    await page.goto(`${tagwell.address}/norway/settings/data-model/tags`);
    const number = await page.getByRole('main').locator('code').textContent();
    await expect.poll(failures).toContainEqual(failed('render', number));
    await execute(database, sql`alter table tag_away rename to tag`);
    await expect(page.getByRole('button', { name: 'Add New Tag' }).first()).toBeVisible();
  } finally {
    await database.end();
  }
});

test('an operator follows the one-time link, and pages recover by themselves after the database restarts', async ({
  page,
  installation: { tagwell, link, cookies },
}) => {
  await page.context().addCookies(cookies);
  await page.goto(link);
  await expect(page.getByText('This set-up link has been used')).toBeVisible();

  await tagwell.stopDatabase();
  expect((await page.request.get(`${tagwell.address}/readyz`)).status()).toBe(503);
  expect((await page.request.get(`${tagwell.address}/healthz`)).status()).toBe(200);
  await page.goto(`${tagwell.address}/norway/profiles`);
  await expect(page.getByText('This page cannot be shown right now')).toBeVisible();
  await tagwell.startDatabase();
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
  expect((await page.request.get(`${tagwell.address}/metrics`)).status()).toBe(200);
});
