import { addTag, expect, test } from './fixtures';

test('an admin makes an API key, its first call tags a profile, and revoking it bites at once', async ({
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
  await page.getByRole('button', { name: 'I have kept the secret' }).click();
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
