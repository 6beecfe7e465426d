import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { KeyspaceId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { createTag } from '@/lib/tags/commands';
import { tagProfiles } from '@/testing/segments';
import { addMailbox } from '@/lib/sending/commands';
import { expect, personOf, test } from './fixtures';

const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148';

test('a marketer writes an SMS with a part for VIPs and a link, tests it and sends it to mobile numbers; one person presses it and one stops it', async ({
  page,
  browser,
  baseURL,
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
  const vip = await createTag(admin, { ...of, name: 'VIP' });
  if (!vip.ok) throw new Error(vip.refusal.message);
  await tagProfiles(account.section.id, [people[0]!], { apply: [vip.value.id] });
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

  // A link costs what it says, or goes out as it is. A part is for VIPs, chosen by keyboard.
  await text.fill((await text.inputValue()).replace('off', 'off, open late: https://shop.example.com/weekend'));
  await expect(page.getByText(/^Links become \d+ characters long so that clicks are counted\./)).toBeVisible();
  await page.getByRole('button', { name: 'Leave links as they are' }).click();
  await expect(page.getByText(/^Links go out as they are, and clicks are not counted\./)).toBeVisible();
  await page.getByRole('button', { name: 'Count clicks' }).click();
  await text.evaluate((area: HTMLTextAreaElement) => {
    const at = area.value.indexOf(', open late');
    area.setSelectionRange(at, at + ', open late'.length);
  });
  await page.getByRole('button', { name: 'Only for some…' }).press('Enter');
  const forSome = page.getByRole('dialog', { name: 'Only for some' });
  await expect(forSome.getByRole('combobox', { name: 'Tag' })).toBeFocused();
  await page.keyboard.type('VIP');
  await page.keyboard.press('Enter');
  await expect(forSome.getByRole('button', { name: /Remove.*VIP|VIP.*Remove/i })).toBeVisible();
  await expectAccessible();
  await forSome.getByRole('textbox', { name: 'What the others get' }).fill(' on Saturday');
  await forSome.getByRole('button', { name: 'Only for them' }).press('Enter');
  await expect(text).toBeFocused();
  await expect(text).toHaveValue(/off\{if VIP\}, open late\{else\} on Saturday\{end\}: https:/);
  await expect(page.getByText(/for those for whom it is longest/)).toBeVisible();
  // What cannot be read is said, where it is; a tag that is typed by name is found.
  await text.fill((await text.inputValue()).replace('{end}', ''));
  await expect(page.getByText('Line 1: “{if VIP}” has no {end}.')).toBeVisible();
  await page.getByRole('button', { name: /^Show: Line 1/ }).click();
  expect(
    await text.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd)),
  ).toBe('{if VIP}');
  await text.fill((await text.inputValue()).replace('{if VIP}', '{if vip}').replace('Saturday', 'Saturday{end}'));
  await expect(page.getByText('Line 1:')).toHaveCount(0);
  await preview.getByRole('button', { name: 'As somebody' }).click();
  await preview.getByRole('combobox', { name: 'As whom' }).fill('46700000000');
  await page.getByRole('option').first().click();
  await expect(preview).toContainText('Hi Åsa, "20 %" off, open late: https://shop.example.com/weekend');
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
  await expect(page.getByRole('region', { name: 'What it takes' })).toContainText('1 for each person');
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
  const sentBy = Date.now();
  await expectAccessible();

  // It is in the mailbox, and its link stops it for one person.
  await signIn('admin');
  const caught = `/${account.section.slug}/settings/sending/${mailbox.value.id}/mailbox`;
  await page.goto(caught);
  await page
    .getByRole('row', { name: /46700000000/ })
    .getByRole('link')
    .click();
  const sms = page.getByRole('region', { name: 'Opened SMS' });
  await expect(sms).toContainText('Hi Åsa, "20 %" off, open late: http');
  const linkIn = async (path: string) =>
    new RegExp(`http://\\S+/${path}/[\\w-]{32}`).exec((await sms.textContent())!)![0];
  const click = await linkIn('c');
  // What presses within two seconds of the moment when it arrives is a program.
  await page.waitForTimeout(Math.max(0, sentBy + 2_500 - Date.now()));
  const phone = await browser.newContext({ baseURL, userAgent: PHONE, viewport: { width: 375, height: 700 } });
  const pressed = await phone.request.get(click, { maxRedirects: 0 });
  expect(pressed.headers()['location']).toBe('https://shop.example.com/weekend');
  await phone.close();
  await page.goto(caught);
  await page
    .getByRole('row', { name: /46700000001/ })
    .getByRole('link')
    .click();
  await expect(sms).toContainText('Hi Bo, "20 %" off on Saturday: http');
  await page.goto(await linkIn('u'));
  await page.getByRole('button').first().click();
  await expectAccessible();

  await signIn('user');
  await page.goto(messages);
  await page.getByRole('link', { name: 'Weekend' }).click();
  await page.getByRole('link', { name: 'Report' }).click();
  await expect(page.getByText('Opted out').first().locator('..')).toContainText('1');
  await expect(page.getByRole('region', { name: 'Links' }).getByRole('row').nth(1)).toContainText(
    /https:\/\/shop\.example\.com\/weekend\s*Segment of these\s*1\s*1/,
  );
  await expectAccessible();
  await page.getByRole('link', { name: 'Make a segment: Clicked', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Profiles that match' })).toContainText(
    '1Everyone who has the event Message: clicked where Message is “Weekend”.',
  );
  await page.goBack();
  await page.getByRole('link', { name: 'Make a segment: Opted out' }).click();
  await expect(page.getByRole('region', { name: 'Profiles that match' })).toContainText(
    '1Everyone who has the event Message: unsubscribed where Message is “Weekend”.',
  );
  await page.goto(`/${account.section.slug}/profiles/${people[0]}`);
  await expect(page.getByText('was sent by SMS').first()).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/Weekend\s*clicked/);
});
