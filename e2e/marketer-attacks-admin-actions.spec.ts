import type { Page, Request } from '@playwright/test';
import { addTag, expect, test } from './fixtures';

const isAction = (request: Request) => request.method() === 'POST' && !!request.headers()['next-action'];

/** Captures the server action's call that the page makes during `act`. `stop`: it does not reach the server. */
async function callOf(page: Page, act: () => Promise<void>, { stop = false } = {}): Promise<Request> {
  if (!stop) {
    const call = page.waitForRequest(isAction);
    await act();
    return call;
  }
  const caught = new Promise<Request>((resolve) => {
    void page.route('**/*', async (route) => {
      if (!isAction(route.request())) return route.fallback();
      await route.abort();
      resolve(route.request());
    });
  });
  await act();
  const call = await caught;
  await page.unroute('**/*');
  return call;
}

/** Repeats the call with the cookies of `page`. */
async function replay(page: Page, call: Request): Promise<string> {
  const { 'next-action': action, 'content-type': type, accept } = call.headers();
  const answer = await page.request.post(call.url(), {
    headers: { 'next-action': action!, 'content-type': type!, accept: accept!, origin: new URL(call.url()).origin },
    data: call.postDataBuffer() ?? '',
  });
  return answer.text();
}

test('a marketer who replays an admin’s calls changes nothing', async ({ page, browser, baseURL, account, signIn }) => {
  for (const name of ['To rename', 'To hide', 'To merge', 'Into']) await addTag(account, name);
  await signIn('user');
  const elsewhere = await browser.newContext({ baseURL });
  const admin = await elsewhere.newPage();
  await signIn('admin', admin);
  const tags = `/${account.section.slug}/settings/data-model/tags`;
  const calls: Request[] = [];

  const open = async (button: string) => {
    await admin.goto(tags);
    await admin.getByRole('button', { name: button }).click();
  };

  await open('Edit To rename');
  await admin.getByLabel('Name', { exact: true }).fill('Renamed');
  await expect(admin.getByRole('row', { name: /Mobile/ })).toBeVisible();
  calls.push(await callOf(admin, () => admin.getByRole('button', { name: 'Save' }).click(), { stop: true }));

  await open('Hide To hide');
  await expect(admin.getByRole('alertdialog')).toContainText('No profile has it');
  calls.push(
    await callOf(
      admin,
      () => admin.getByRole('alertdialog').getByRole('button', { name: 'Hide', exact: true }).click(),
      { stop: true },
    ),
  );

  await open('Merge To merge into another tag');
  await admin.getByRole('combobox', { name: 'Merge into' }).fill('Into');
  await admin.getByRole('option', { name: /^Into/ }).click();
  await expect(admin.getByText('0 profiles have “To merge”')).toBeVisible();
  calls.push(
    await callOf(admin, () => admin.getByRole('button', { name: 'Merge and hide “To merge”' }).click(), { stop: true }),
  );

  expect(calls).toHaveLength(3);
  for (const call of calls) expect(await replay(page, call)).toContain('not_allowed');
  await admin.goto(tags);
  for (const name of ['To rename', 'To hide', 'To merge', 'Into'])
    await expect(admin.getByRole('link', { name, exact: true })).toBeVisible();

  // The same call by the admin works, so it was the right one.
  expect(await replay(admin, calls[0]!)).not.toContain('not_allowed');
  await admin.goto(tags);
  await expect(admin.getByRole('link', { name: 'Renamed', exact: true })).toBeVisible();
  await elsewhere.close();
});

test('a form that is sent twice takes effect once', async ({ page, account, signIn }) => {
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/tags`);
  await page.getByRole('button', { name: 'Add New Tag' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Once');
  const call = await callOf(page, () => page.getByRole('button', { name: 'Save' }).click());
  await expect(page.getByRole('link', { name: 'Once' })).toBeVisible();
  expect(await replay(page, call)).not.toContain('name_taken');
  await page.reload();
  await expect(page.getByRole('link', { name: 'Once' })).toHaveCount(1);
  await page.goto(`/${account.section.slug}/settings/audit-log?q=Once`);
  await expect(page.getByTitle('tags.create')).toHaveCount(1);
});
