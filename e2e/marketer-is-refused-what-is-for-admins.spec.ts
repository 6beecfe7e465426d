import { addTag, expect, test } from './fixtures';

test('a marketer is told whom to ask, and the data behind the pages is refused too', async ({
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

test('a section that one has no access to does not exist', async ({ page, account, signIn }) => {
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

test('where to go after a sign-in harms nothing, whatever it is', async ({
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

test('a page says that only its own scripts may run, and that no other site may frame it', async ({
  page,
  account,
  signIn,
}) => {
  await signIn('user');
  const answer = await page.request.get(`/${account.section.slug}/profiles`);
  expect(answer.headers()['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/);
  expect(answer.headers()['x-frame-options']).toBe('DENY');
});

test('an address with a character that no text can have is refused in words, wherever it goes', async ({
  page,
  account,
  signIn,
}) => {
  await signIn('admin');
  const home = `/${account.section.slug}`;
  for (const address of [`${home}/settings/audit-log?q=%00`, `${home}/profiles?q=a%00`, `/data${home}/tags?name=%00`]) {
    const answer = await page.request.get(address);
    expect([answer.status(), await answer.text()]).toEqual([400, expect.stringContaining('NUL')]);
  }
});
