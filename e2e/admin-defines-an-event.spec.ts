import { createApiKey } from '@/lib/accounts/api-keys';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { expect, personOf, test } from './fixtures';

test('an admin defines an event, a system adds it to a profile, and it appears in the timeline', async ({
  page,
  request,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/events`);
  await expect(page.getByRole('heading', { name: 'No events yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Add event' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Order placed');
  await page.getByRole('button', { name: 'Add field' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Enter a name', { exact: false })).toBeVisible();
  await page.getByLabel('Name of field 1').fill('Order value');
  await page.getByRole('button', { name: 'Text Type of field 1' }).click();
  await page.getByRole('option', { name: 'Number' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Order placed/ })).toContainText('Order value (number)');
  await expectAccessible();

  const { version, section } = await one<{ version: number; section: number }>(
    pool(),
    sql`
      select event_version.id as version, section.discriminator as section
      from section, event_version
      where section.id = ${account.section.id} and event_version.section_id = section.id`,
  );
  const admin = await personOf(account, 'admin');
  const all = { sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null };
  const key = await createApiKey(admin, { name: 'Web shop', ...all });
  if (!key.ok) throw new Error(key.refusal.message);
  const answer = await request.post('/oauth/token', {
    data: { grant_type: 'client_credentials', client_id: key.value.clientId, client_secret: key.value.secret },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const told = await request.post(
    `/audience/keyspaces/com.apsis1.keyspaces.email/profiles/buyer%40example.com/sections/${section}/events`,
    {
      headers: { authorization: `Bearer ${token}` },
      data: { items: [{ version_id: String(version), data: { order_value: 1249.5 } }] },
    },
  );
  expect(told.status()).toBe(204);

  await page.goto(`/${account.section.slug}/profiles?q=buyer`);
  await page.getByRole('link', { name: /buyer/ }).click();
  await expect(page.getByText('Order value: 1,249.5')).toBeVisible();
  await expect(page.getByText('API: Web shop').first()).toBeVisible();
  await page.getByRole('button', { name: /Everything Show/ }).click();
  await page.getByRole('option', { name: 'Events' }).click();
  await expect(page.getByText('Profile created')).toBeHidden();

  await page.goto(`/${account.section.slug}/settings/data-model/events`);
  await page.getByRole('button', { name: 'Edit Order placed' }).click();
  await page.getByRole('button', { name: 'Add field' }).click();
  await page.getByLabel('Name of field 2').fill('Currency');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Order placed/ })).toContainText(`before: ${version}`);
  await page.getByRole('button', { name: 'Hide Order placed' }).click();
  await expect(page.getByText('“Order placed” is hidden')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('“Order placed” is shown again')).toBeVisible();
});
