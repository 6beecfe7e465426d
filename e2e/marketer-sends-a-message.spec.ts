import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import { addMailbox } from '@/lib/sending/commands';
import { addProfiles, addTag, chooseByEnter, expect, personOf, test } from './fixtures';

test('a marketer writes a message with a condition, chooses who gets it, tests, schedules and sends it, and sees what became of it', async ({
  page,
  browser,
  baseURL,
  account,
  signIn,
  expectAccessible,
}) => {
  const of = { sectionId: account.section.id };
  const admin = await personOf(account, 'admin');
  const people = await addProfiles(account, 8);
  const some = (from: number, to: number) => people.slice(from - 1, to);
  await addTag(account, 'VIP', some(1, 4));
  await addTag(account, 'Partner', some(4, 7));
  await addTag(account, 'Do not contact', some(1, 1));
  const topic = await createTopic(admin, { ...of, name: 'Newsletter' });
  const mailbox = await addMailbox(admin, of);
  if (!topic.ok || !mailbox.ok) throw new Error('The section could not be set up.');
  // Person 7 has not agreed.
  for (const profileId of some(1, 6)) {
    const consent = { topicId: topic.value.id, channel: 'email', type: 'opt-in', reason: 'Said so' };
    expect(await setConsent(admin, { ...of, profileId, ...consent })).toMatchObject({ ok: true });
  }
  const messages = `/${account.section.slug}/messages`;

  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('link', { name: 'Messages' }).click();
  await expect(page.getByRole('heading', { name: 'No messages yet' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'New message' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('December');
  await page.getByRole('button', { name: 'Write the message' }).click();

  // What it says.
  await page.getByRole('button', { name: /^An empty mail/ }).click();
  const texts = page.getByRole('textbox', { name: 'Text', exact: true });
  await expect(texts).toBeFocused();
  await page.keyboard.type('For everybody.');
  await page.getByRole('textbox', { name: 'Subject' }).click();
  await page.keyboard.type('News of December');
  const saved = page.getByText('Saved', { exact: true });
  await expect(saved).toBeVisible();
  await page.getByRole('group', { name: 'Text, 1 of 1' }).click();
  await page.getByRole('button', { name: 'Add a block below' }).click();
  await page.getByRole('menuitem', { name: /^Text/ }).click();
  await expect(texts.last()).toBeFocused();
  await page.keyboard.type('For our best friends only.');
  await page.getByRole('button', { name: 'More', exact: true }).last().click();
  await page.getByRole('menuitem', { name: 'Who sees it…' }).click();
  await page.getByText('With a tag', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Tag' }).fill('VIP');
  await page.getByRole('option', { name: /VIP/ }).click();
  await page.getByRole('button', { name: 'Show it to them only' }).click();
  await page.getByRole('button', { name: 'Add a block', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Button/ }).click();
  await expect(page.getByRole('textbox', { name: 'Text of the button' })).toBeFocused();
  await page.keyboard.type('See the boots');
  const link = page.getByRole('textbox', { name: 'Link', exact: true });
  await link.fill('shop.example.com/boots?for={{Emial}}');
  await link.press('Enter');
  await expect(page.getByText('There is no value “Emial” in this section.')).toBeVisible();
  await link.fill('https://shop.example.com/boots?for=');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Insert a value' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Email');
  await page.keyboard.press('Enter');
  await expect(link).toHaveValue('https://shop.example.com/boots?for={{Email}}');
  await expect(link).toBeFocused();
  await expect(saved).toBeVisible();
  await expectAccessible();
  await page.reload();
  await expect(page.getByText('For our best friends only.')).toBeVisible();

  // Who gets it.
  const steps = page.getByRole('navigation', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Send To' }).click();
  await expect(page.getByRole('checkbox', { name: 'Newsletter' })).toBeChecked();
  const count = page.getByRole('region', { name: 'Who gets it' }).getByRole('status');
  await expect(count).toContainText('6 people');
  const choose = async (button: string, names: string[]) => {
    await page.getByRole('button', { name: button }).click();
    for (const name of names) {
      await chooseByEnter(page.getByRole('combobox', { name: button }), name);
    }
    await page.keyboard.press('Escape');
  };
  await choose('Add people', ['VIP', 'Partner']);
  await expect(count).toContainText('of 7 who match');
  await choose('Leave people out', ['Do not contact']);
  await expect(count).toContainText('5 people');
  await expect(count).toContainText('of 6 who match');
  await expectAccessible();

  // A test, and when it goes.
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Ready' })).toBeVisible();
  await page.getByRole('button', { name: 'Send a test…' }).first().click();
  await expectAccessible();
  await page.getByRole('button', { name: 'Send the test' }).click();
  await expect(page.getByText('The test mail is in the mailbox')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText(/^At a time/).click();
  await page.getByLabel('Date').fill('2020-01-01');
  await expect(page.getByText('This time has passed')).toBeVisible();
  await page.getByLabel('Date').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
  await expect(page.getByText(/09:00, Stockholm time \(in [23] days\)/)).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Schedule for 5 people…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
  await expect(page.getByText('Scheduled', { exact: true })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Unschedule and edit…' }).click();
  await page.getByRole('button', { name: 'Unschedule and edit', exact: true }).click();

  // It is a draft again.
  await steps.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Send to 5 people…' }).click();
  await expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Send to 5 people' }).click();
  await expect(page.getByText('Sent to 5 people')).toBeVisible({ timeout: 60_000 });
  await expectAccessible();
  await page.getByRole('link', { name: 'Report' }).click();
  await expect(page).toHaveURL(/\/report$/);
  const report = page.url();
  await page.goto(messages);
  await expect(page.getByRole('row', { name: /December/ })).toContainText('Sent');

  // A copy is deleted, and comes back.
  await page.getByRole('button', { name: 'More: December' }).click();
  await page.getByRole('menuitem', { name: 'Make a copy' }).click();
  await expect(page.getByRole('heading', { name: 'December (copy)' })).toBeVisible();
  await page.getByRole('button', { name: 'More', exact: true }).first().click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByText('“December (copy)” has been deleted')).toBeVisible();
  await expect(page.getByRole('row', { name: /December/ })).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('link', { name: 'December (copy)' })).toBeVisible();

  // In the mailbox, as an Admin sees it, at the width of a phone.
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/sending/${mailbox.value.id}/mailbox`);
  await expect(page.getByRole('link', { name: /News of December/ })).toHaveCount(6);
  await page
    .getByRole('row', { name: /person2@/ })
    .getByRole('link', { name: 'News of December', exact: true })
    .click();
  await page.getByRole('button', { name: /Width$/ }).click();
  await page.getByRole('option', { name: '375 px, a phone' }).click();
  const mail = page.frameLocator('iframe[title="Mail: News of December"]');
  await expect(mail.getByText('For our best friends only.')).toBeVisible();
  const address = async (name: string) => (await mail.getByRole('link', { name }).getAttribute('href'))!;
  const [click, leave] = [await address('See the boots'), await address('Unsubscribe')];

  // The person reads it on a phone, and unsubscribes.
  const agent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148';
  const phone = await browser.newContext({ baseURL, userAgent: agent, viewport: { width: 375, height: 700 } });
  const clicked = await phone.request.get(click, { maxRedirects: 0 });
  expect(clicked.headers()['location']).toBe('https://shop.example.com/boots?for=person2%40example.com');
  const theirs = await phone.newPage();
  await theirs.goto(leave);
  await theirs.getByRole('button', { name: 'Unsubscribe' }).click();
  await expect(theirs.getByRole('heading', { name: 'You are unsubscribed' })).toBeVisible();
  await phone.close();

  // What they did is in the list, on the profile, in the report and in a segment.
  await signIn('user');
  await page.goto(`${messages}?sort=clicked`);
  await expect(page.getByRole('row', { name: /December/ }).first()).toContainText(/Opened120\.0 %Clicked120\.0 %/);
  await page.goto(`/${account.section.slug}/profiles/${some(2, 2)[0]}`);
  await expect(page.getByRole('region', { name: 'Consents' })).toContainText(/Email: opted out/);
  await expect(page.getByRole('main')).toContainText(/December\s*clicked/);
  await page.goto(report);
  await expect(page.getByRole('row', { name: /See the boots/ })).toContainText('boots?for={{Email}}');
  await expect(page.getByRole('row', { name: /See the boots/ })).toContainText('1');
  await expectAccessible();
  await page.getByRole('link', { name: /Make a segment: clicked See the boots/ }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('December: clicked See the boots');
  const members = page.getByRole('region', { name: 'Profiles that match' });
  await expect(members.getByText('1', { exact: true })).toBeVisible();
  await expect(members).toContainText(
    'the event Message: clicked where Message is “December” and Link is “See the boots: https://shop.example.com/boots?for={{Email}}”',
  );
  await page.goto(report);
  await page.getByRole('link', { name: 'Make a segment: Clicked', exact: true }).click();
  await expect(members).toContainText('the event Message: clicked where Message is “December”.');
});
