import { addTag, expect, test } from './fixtures';

test('a marketer sees whom to ask, and is refused the data behind the pages too', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await addTag(account, 'VIP');
  await signIn('user');
  for (const place of ['data-model/tags', 'data-model/attributes', 'users', 'sections', 'audit-log']) {
    await page.goto(`/${account.section.slug}/settings/${place}`);
    await expect(page.getByText('for Account Owners and Admins')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Adam Admin' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add New Tag' })).toBeHidden();
  }
  await expectAccessible();
  const audit = await page.request.get(`/data/${account.section.slug}/audit-log`);
  expect(audit.status()).toBe(403);
});

test('a section without access looks as if it did not exist', async ({ page, account, signIn }) => {
  await signIn('user');
  await page.goto(`/${account.other.slug}/profiles`);
  await expect(page.getByText('Page not found')).toBeVisible();
  const tags = await page.request.get(`/data/${account.other.slug}/tags`);
  expect(tags.status()).toBe(404);
});

test('a write from another site is refused', async ({ page, account, signIn }) => {
  await signIn('user');
  const answer = await page.request.post(`/data/${account.section.slug}/tags`, {
    headers: { origin: 'https://evil.example' },
    data: { name: 'Planted' },
  });
  expect(answer.status()).toBe(403);
  const action = await page.request.post(`/${account.section.slug}/profiles`, {
    headers: { origin: 'https://evil.example', 'next-action': '0'.repeat(42) },
    data: '[]',
  });
  expect([action.status(), await action.text()]).toEqual([403, expect.stringContaining('from a page of Tagwell')]);
});

test('an invalid address to return to after signing in does no harm', async ({
  page,
  context,
  baseURL,
  account,
  signIn,
}) => {
  await signIn('user');
  expect((await page.request.get('/api/auth/csrf?callbackUrl=nonsense')).status()).toBe(200);
  await context.addCookies([{ name: 'next-auth.callback-url', value: 'nonsense', url: baseURL! }]);
  await page.goto(`/${account.section.slug}/profiles`);
  await expect(page.getByRole('heading', { name: 'Profiles', exact: true })).toBeVisible();
});

test('a page allows only its own scripts, and no framing by other sites', async ({ page, account, signIn }) => {
  await signIn('user');
  const answer = await page.request.get(`/${account.section.slug}/profiles`);
  expect(answer.headers()['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/);
  expect(answer.headers()['x-frame-options']).toBe('DENY');
});

test('an address with an invalid character is refused with a message everywhere', async ({ page, account, signIn }) => {
  await signIn('admin');
  const home = `/${account.section.slug}`;
  for (const address of [`${home}/settings/audit-log?q=%00`, `${home}/profiles?q=a%00`, `/data${home}/tags?name=%00`]) {
    const answer = await page.request.get(address);
    expect([answer.status(), await answer.text()]).toEqual([400, expect.stringContaining('NUL')]);
  }
});
