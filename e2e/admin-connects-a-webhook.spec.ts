import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { addProfiles, addTag, expect, pressWhenReady, test } from './fixtures';

test('an admin connects a webhook, reads its log, and resends what was not accepted', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const received: { headers: Record<string, string>; body: string }[] = [];
  let status = 500;
  const receiver = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(status).end('seen');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/tagwell`;

  const [profile] = await addProfiles(account, 1);
  await addTag(account, 'VIP');
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/webhooks`);
  await expectAccessible();
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('Address').fill('http://192.168.1.1/tagwell');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText('in a private network')).toBeVisible();
  await page.getByLabel('Address').fill(address);
  await expectAccessible();
  await page.getByRole('button', { name: 'Create' }).click();
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'I have saved the secret' }).click();

  await page.goto(`/${account.section.slug}/profiles/${profile}`);
  await pressWhenReady(page, 't');
  await page.keyboard.type('VIP');
  await page.keyboard.press('Enter');
  await expect.poll(() => received.length, { timeout: 15_000 }).toBeGreaterThan(0);
  status = 200;
  expect(new Webhook(secret).verify(received[0]!.body, received[0]!.headers)).toMatchObject({
    type: 'tag.applied',
    data: { tag_name: 'VIP', source: 'user', profile_keys: [{ profile_key: 'person1@example.com' }] },
  });
  await expect.poll(() => received.length, { timeout: 15_000 }).toBe(2);
  expect(received[1]!.headers['webhook-id']).toBe(received[0]!.headers['webhook-id']);

  await page.goto(`/${account.section.slug}/settings/webhooks`);
  await page.getByRole('link', { name: address }).click();
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByRole('table').getByText('Delivered')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.getByRole('button', { name: 'tag.applied' }).click();
  await expect(page.getByText('"profile_key": "person1@example.com"')).toBeVisible();
  await expect(page.getByText('HTTP 500')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByText('1 message is being resent')).toBeVisible();
  await expect.poll(() => received.length, { timeout: 15_000 }).toBe(3);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect.poll(() => received.length, { timeout: 15_000 }).toBe(4);

  await page.getByRole('button', { name: 'More for this webhook' }).click();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await expect(page.getByText('Changes made while it is paused are sent when you resume it.')).toBeVisible();
  await page.getByRole('button', { name: 'More for this webhook' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { name: 'No webhooks yet' })).toBeVisible();
  receiver.close();
});
