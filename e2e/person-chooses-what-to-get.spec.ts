import { expect, personOf, test } from './fixtures';
import { createProfile } from '@/lib/profiles/commands';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';

test('an admin makes a topic, sets a consent by hand, and the person changes it on their page without script', async ({
  page,
  browser,
  account,
  signIn,
  expectAccessible,
}) => {
  const admin = await personOf(account, 'admin');
  const { id: keyspaceId } = await one<{ id: number }>(
    pool(),
    sql`select id from keyspace where account_id = ${account.id} and kind = 'email'`,
  );
  const made = await createProfile(admin, {
    sectionId: account.section.id,
    keys: [{ keyspaceId, key: 'anna@example.com' }],
    attributes: {},
  });
  if (!made.ok) throw new Error(made.refusal.message);
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/data-model/topics`);
  await expect(page.getByRole('heading', { name: 'No topics yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Add topic' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Newsletter');
  await page.getByLabel('Folder').fill('Norway');
  await page.getByLabel('Description').fill('Four times a year.');
  await expectAccessible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /Newsletter/ })).toContainText('nobody');
  await expectAccessible();

  await page.goto(`/${account.section.slug}/profiles/${made.value.id}`);
  await page.getByRole('button', { name: 'Set a consent…' }).click();
  await page.getByText('opted in', { exact: true }).click();
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(page.getByText('Say why: when and how the person said so.')).toBeVisible();
  await page.getByLabel('Reason').fill('Said so on the phone');
  await expectAccessible();
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  const card = page.getByRole('region', { name: 'Consents' });
  await expect(card).toContainText(/Norway.*Newsletter.*Email: opted in/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(card).toContainText('Nothing agreed to');
  await expect(page.getByText(/email: opted in, and undone/i)).toBeVisible();

  await card.getByRole('button', { name: 'Preference link…' }).click();
  const link = await page.getByLabel('Address', { exact: true }).inputValue();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const own = await context.newPage();
  await own.goto(link);
  await expect(own.getByText('a•••@example.com')).toBeVisible();
  await expect(own.getByRole('group', { name: 'Newsletter' })).toContainText('Four times a year.');
  await own.getByLabel('By email').check();
  await own.getByRole('button', { name: 'Save' }).click();
  await expect(own.getByRole('status')).toContainText('Saved');
  await expect(own.getByLabel('By email')).toBeChecked();
  await own.getByRole('button', { name: 'I want nothing any more' }).click();
  await expect(own.getByLabel('By email')).not.toBeChecked();
  await expect(own.getByText(/nothing reaches you/)).toBeVisible();
  await context.close();
  await page.goto(link);
  await expectAccessible();

  await page.goto(`/${account.section.slug}/profiles/${made.value.id}`);
  await expect(card).toContainText(/Email suppressed: by hand/);
  await expect(card).toContainText(/Email: opted out .*preference page/);
  await page.goto(`/${account.section.slug}/settings/suppression`);
  await expect(page.getByRole('row', { name: /anna@example.com/ })).toContainText('nothing any more');
  await page.getByRole('button', { name: 'Lift anna@example.com' }).click();
  await page.getByLabel('Reason').last().fill('Wrote that it was a mistake');
  await page.getByRole('button', { name: 'Lift', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'No address is suppressed' })).toBeVisible();
  await page.getByRole('button', { name: 'Add addresses' }).click();
  await page.getByRole('textbox', { name: 'Addresses' }).fill('GONE@example.com\nnobody\n');
  await expectAccessible();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('1 address added.');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('row', { name: /gone@example.com/ })).toBeVisible();
  await expectAccessible();
});
