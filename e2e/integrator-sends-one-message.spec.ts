import { createApiKey } from '@/lib/accounts/api-keys';
import { expect, personOf, test, whenReady } from './fixtures';
import { writtenMessage } from './written-message';

test('an admin makes a service message ready for the API; a program sends it to one person, and no longer when it is taken back', async ({
  page,
  request,
  account,
  signIn,
  expectAccessible,
}) => {
  const messageId = await writtenMessage(account, { people: 1, agreed: 0 });
  const key = await createApiKey(await personOf(account, 'admin'), {
    ...{ name: 'Web shop', sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null },
  });
  if (!key.ok) throw new Error(key.refusal.message);
  await signIn('admin');
  await page.goto(`/${account.section.slug}/messages/${messageId}`);
  await whenReady(page);
  const steps = page.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Send To' }).click();
  await page.getByText(/^Service/).click();
  await steps.getByRole('button', { name: 'Use by the API' }).click();
  const use = page.getByRole('region', { name: 'Use by the API' });
  await use.getByRole('button', { name: 'Make it ready for the API' }).click();
  await expect(use.getByText('Ready', { exact: true })).toBeVisible();
  await expectAccessible();

  // The call as the panel shows it, with a key of its own and somebody's address.
  const example = await page.getByRole('region', { name: 'A call' }).locator('pre, textarea').first().textContent();
  const address = /'(http[^']+)'/.exec(example!)![1]!.replace('andy.demo', 'person1');
  const body = JSON.parse(/-d '([^']+)'/.exec(example!)![1]!) as object;
  const { clientId, secret } = key.value;
  const answer = await request.post('/oauth/token', {
    form: { grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'order-1041' };
  const call = () => request.post(address, { headers, data: body });
  const taken = await call();
  expect(taken.status()).toBe(202);
  const { delivery_id: delivery } = (await taken.json()) as { delivery_id: string };
  // The same call once more, as after a lost answer, sends nothing more.
  expect(await (await call()).json()).toMatchObject({ delivery_id: delivery });
  const [, section] = /sections\/([^/]+)/.exec(address)!;
  const state = `/audience/sections/${section}/messages/${messageId}/deliveries/${delivery}`;
  await expect
    .poll(async () => ((await (await request.get(state, { headers })).json()) as { state: string }).state)
    .toBe('sent');
  await page.reload();
  await expect(use.getByText('Sent', { exact: true }).locator('..')).toHaveText('Sent1');
  await expectAccessible();

  await use.getByRole('button', { name: 'Take it back…' }).click();
  await page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByRole('button', { name: 'Take it back' })
    .click();
  await expect(use.getByText('Ready', { exact: true })).toBeHidden();
  const refused = await request.post(address, { headers: { authorization: headers.authorization }, data: body });
  expect(refused.status()).toBe(409);
});
