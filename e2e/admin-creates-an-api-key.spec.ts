import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { addTag, expect, test } from './fixtures';

test('an admin creates an API key, its first call tags a profile, and revoking it takes effect at once', async ({
  page,
  request,
  account,
  signIn,
  expectAccessible,
}) => {
  const tag = await addTag(account, 'VIP');
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/api-keys`);
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'New API key' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Web shop');
  await page.getByText('Only these').first().click();
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText('Choose at least one section.')).toBeVisible();
  await page.getByText('Sweden', { exact: true }).last().click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Create' }).click();
  const clientId = await page.getByLabel('Client ID', { exact: true }).inputValue();
  const secret = await page.getByLabel('Client secret', { exact: true }).inputValue();
  await expectAccessible();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Client secret', { exact: true })).toHaveValue(secret);
  await page.getByRole('button', { name: 'I have saved the secret' }).click();
  await expect(page.getByRole('row', { name: /Web shop/ })).toContainText('Sweden');
  await page.reload();
  expect(await page.content()).not.toContain(secret);

  const answer = await request.post('/oauth/token', {
    form: { grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const { items } = (await (await request.get('/audience/sections', { headers })).json()) as {
    items: { discriminator: string; name: string }[];
  };
  expect(items.map(({ name }) => name)).toEqual(['Sweden']);
  const key = `/audience/keyspaces/com.apsis1.keyspaces.email/profiles/andy.demo%40example.com`;
  const path = `${key}/sections/${items[0]!.discriminator}/tags`;
  const tagged = await request.patch(path, { headers, data: { [String(tag)]: true } });
  expect(tagged.status()).toBe(204);

  await page.goto(`/${account.section.slug}/profiles?q=andy.demo`);
  await page.getByRole('link', { name: /andy\.demo/ }).click();
  await page.getByRole('button', { name: /^VIP/ }).first().click();
  await expect(page.getByText('API: Web shop').first()).toBeVisible();

  await page.goto(`/${account.section.slug}/settings/api-keys`);
  await expect(page.getByRole('row', { name: /Web shop/ })).not.toContainText('never never');
  await page.getByRole('button', { name: 'Revoke Web shop' }).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Revoke for good' }).click();
  await expect(page.getByText('“Web shop” has been revoked')).toBeVisible();
  await expect(page.getByText('Revoked', { exact: true })).toBeVisible();
  const refused = await request.get('/audience/sections', { headers });
  expect(refused.status()).toBe(403);
});

test('an admin sees which API keys a change of Allowed Operations would break, and which are refused', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const tagId = await addTag(account, 'Gold');
  await execute(
    pool(),
    sql`
      with made as (
        insert into api_key (account_id, name, client_id, secret_hash, can_write, all_sections, all_keyspaces)
        select ${account.id}::int, name, gen_random_uuid(), '', true, true, true
        from unnest(array['Web shop', 'Old till']) name
        returning id, name
      )
      insert into tag_use (section_id, tag_id, keyspace_id, api_key_id, day, writes, denied_writes)
      select ${account.section.id}::int, ${tagId}::int, keyspace.id, made.id, now(),
        case made.name when 'Web shop' then 1204 else 0 end, case made.name when 'Old till' then 3 else 0 end
      from made, keyspace
      where keyspace.account_id = ${account.id} and keyspace.kind = 'email'`,
  );
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await page.getByRole('button', { name: 'Edit Gold' }).click();
  await expect(page.getByText('Old till: 3 writes through Email')).toBeVisible();
  await expect(page.getByText('This would break')).toBeHidden();
  await page
    .locator('label')
    .filter({ has: page.getByRole('checkbox', { name: 'Write by Email' }) })
    .click();
  await expect(page.getByText('Web shop: 1,204 writes through Email')).toBeVisible();
  await expectAccessible();
});
