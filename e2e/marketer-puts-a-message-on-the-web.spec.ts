import { expect, test, whenReady } from './fixtures';
import { sendNow, writtenMessage } from './written-message';

test('a marketer puts a sent message on the web; anybody reads it, until it is taken off', async ({
  page,
  browser,
  account,
  signIn,
  expectAccessible,
}) => {
  const messageId = await writtenMessage(account, { people: 2, agreed: 1 });
  await sendNow(account, messageId);
  await signIn('user');
  await page.goto(`/${account.section.slug}/messages/${messageId}`);
  await whenReady(page);
  await expect(page.getByText('Sent to 1 person')).toBeVisible();
  const card = page.getByRole('region', { name: 'On the web' });
  await card.getByRole('button', { name: 'Publish it' }).click();
  const address = await card.getByRole('textbox', { name: 'Address' }).inputValue();
  await expectAccessible();

  // Nothing on the page is a person's, and search engines are asked to leave it out.
  const visitor = await (await browser.newContext()).newPage();
  const robots = async () => (await visitor.goto(address))!.headers()['x-robots-tag'];
  expect(await robots()).toContain('noindex');
  await expect(visitor.getByText('For everybody.')).toBeVisible();
  await expect(visitor.getByRole('link', { name: 'Read on' })).toHaveAttribute('href', 'https://example.org/december');
  await expect(visitor.getByText(/unsubscribe/i)).toHaveCount(0);
  expect(await visitor.context().cookies()).toEqual([]);
  await card.getByText('Search engines may list it').click();
  await expect(page.getByText('Search engines may list it').nth(1)).toBeVisible();
  await expect.poll(robots).toBeUndefined();

  await card.getByRole('button', { name: 'Take it off the web' }).click();
  await expect(page.getByText('Its page is off the web')).toBeVisible();
  expect((await visitor.goto(address))!.status()).toBe(404);
  await expect(visitor.getByText('It may have been taken off the web.')).toBeVisible();
  await expectAccessible(visitor);

  // Put back, it has the address that was passed on before.
  await card.getByRole('button', { name: 'Publish it' }).click();
  await expect(card.getByRole('textbox', { name: 'Address' })).toHaveValue(address);
  await visitor.goto(address);
  await expect(visitor.getByText('For everybody.')).toBeVisible();
  await visitor.context().close();
});
