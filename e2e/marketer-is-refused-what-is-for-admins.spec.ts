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
  await expect(page.getByText('There is nothing here')).toBeVisible();
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
