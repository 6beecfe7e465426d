import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { KeyspaceId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { addMailbox } from '@/lib/sending/commands';
import { expect, personOf, test } from './fixtures';

test('a marketer writes an SMS, sees its parts, tests it and sends it to mobile numbers; one person stops it', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const of = { sectionId: account.section.id };
  const admin = await personOf(account, 'admin');
  const mobile = await one<{ id: KeyspaceId }>(
    pool(),
    sql`select id from keyspace where account_id = ${account.id} and kind = 'mobile'`,
  );
  const topic = await createTopic(admin, { ...of, name: 'Offers' });
  const mailbox = await addMailbox(admin, of);
  if (!topic.ok || !mailbox.ok) throw new Error('The section could not be set up.');
  const people: ProfileId[] = [];
  for (const [nth, firstname] of ['Åsa', 'Bo', 'Cy'].entries()) {
    const keys = [{ keyspaceId: mobile.id, key: `4670000000${nth}` }];
    const made = await createProfile(admin, { ...of, keys, attributes: { firstname } });
    if (!made.ok) throw new Error(made.refusal.message);
    people.push(made.value.id);
    // Cy has agreed to emails only.
    const consent = { topicId: topic.value.id, channel: nth < 2 ? 'sms' : 'email', type: 'opt-in', reason: 'Said so' };
    expect(await setConsent(admin, { ...of, profileId: made.value.id, ...consent })).toMatchObject({ ok: true });
  }
  const messages = `/${account.section.slug}/messages`;

  await signIn('user');
  await page.goto(`${messages}/new`);
  await page.getByLabel('Name', { exact: true }).fill('Weekend');
  await page.getByText(/^SMS/).click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Write the message' }).click();

  // What it says, counted while it is typed.
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('Hi {First name|there}, “20 %” off');
  await expect(page.getByText(/^These characters are not in the alphabet of SMS/)).toContainText('“');
  await page.getByRole('button', { name: 'Replace them' }).click();
  await expect(text).toHaveValue('Hi {First name|there}, "20 %" off');
  await expect(page.getByText(/^One part · 20 characters, 140 left in it/)).toBeVisible();
  await expect(page.getByText(/is a name, which cannot be answered/)).toBeVisible();
  await page.getByRole('button', { name: 'Add the link' }).click();
  await expect(text).toHaveValue(/\nStop: \{Opt-out link\}$/);
  const preview = page.getByRole('region', { name: 'On a phone' });
  await expect(preview).toContainText('Hi there, "20 %" off');
  await preview.getByRole('button', { name: 'As somebody' }).click();
  await preview.getByRole('combobox', { name: 'As whom' }).fill('46700000000');
  await page.getByRole('option').first().click();
  await expect(preview).toContainText('Hi Åsa, "20 %" off');
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await expectAccessible();

  // Who gets it, by number and by consent to SMS; a test to a number.
  const steps = page.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Send To' }).click();
  const count = page.getByRole('region', { name: 'Who gets it' });
  await expect(count.getByRole('status')).toContainText('2 people');
  await expect(count.getByRole('button', { name: /No consent/ })).toContainText('1');
  await expectAccessible();
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Ready' })).toBeVisible();
  await page.getByRole('button', { name: 'Send a test…' }).first().click();
  await page.getByRole('textbox', { name: 'To' }).fill('070-123');
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('Enter numbers with + and their country code')).toBeVisible();
  await page.getByRole('textbox', { name: 'To' }).fill('+46 70 123 45 67');
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('The test SMS is in the mailbox')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Send to 2 people…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send to 2 people' }).click();
  await expect(page.getByText('Sent to 2 people')).toBeVisible({ timeout: 60_000 });
  await expectAccessible();

  // It is in the mailbox, and its link stops it for one person.
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/sending/${mailbox.value.id}/mailbox`);
  await page
    .getByRole('row', { name: /46700000000/ })
    .getByRole('link')
    .click();
  const sms = page.getByRole('region', { name: 'Opened SMS' });
  await expect(sms).toContainText('Hi Åsa, "20 %" off');
  const link = /http:\/\/\S+/.exec((await sms.textContent())!)![0];
  await page.goto(link);
  await page.getByRole('button').first().click();
  await expectAccessible();

  await signIn('user');
  await page.goto(messages);
  await page.getByRole('link', { name: 'Weekend' }).click();
  await page.getByRole('link', { name: 'Report' }).click();
  await expect(page.getByText('Opted out').first().locator('..')).toContainText('1');
  await expectAccessible();
  await page.getByRole('link', { name: 'Make a segment: Opted out' }).click();
  await expect(page.getByRole('region', { name: 'Profiles that match' })).toContainText(
    '1Everyone who has the event Message: unsubscribed where Message is “Weekend”.',
  );
  await page.goto(`/${account.section.slug}/profiles/${people[0]}`);
  await expect(page.getByText('was sent by SMS').first()).toBeVisible();
});
