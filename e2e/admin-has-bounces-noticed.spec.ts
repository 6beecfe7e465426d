import type { SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { NO_SETTINGS } from '@/lib/sending/schema';
import { SAMPLES } from '@/testing/bounces/samples';
import { ImapPeer } from '@/testing/imap/server';
import { messageIds } from '@/testing/sends';
import { startSink } from '@/testing/smtp/sink';
import { expect, test, whenReady, type Account } from './fixtures';
import { sendNow, writtenMessage } from './written-message';

test('an admin sets up where bounces come to and tries it; a mail that comes back suppresses its address', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const sink = await startSink();
  const mailbox = await ImapPeer.start({ encryption: 'none', password: 'secret' });
  const senderId = await addServer(account, sink.port);
  await signIn('admin');
  await page.goto(`/${account.section.slug}/settings/sending/${senderId}`);
  await whenReady(page);

  // The mailbox is opened before anything is kept.
  const card = page.getByRole('region', { name: 'Bounces and complaints' });
  await card.getByLabel('Address', { exact: true }).fill('bounces@example.org');
  await card.getByRole('button', { name: 'Save the address' }).click();
  await expect(page.getByText('mails go out under it from now on')).toBeVisible();
  // What really leaves needs links that others can open. Servers that other stories start must not have it.
  const before = process.env.TAGWELL_URL;
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  await sendNow(account, await writtenMessage(account, { people: 1, agreed: 1, through: senderId }));
  if (before === undefined) delete process.env.TAGWELL_URL;
  else process.env.TAGWELL_URL = before;
  await card.getByText('Set a mailbox up').click();
  await card.getByLabel('IMAP server').fill('127.0.0.1');
  await card.getByRole('button', { name: /Encryption/ }).click();
  await page.getByRole('option', { name: /^None/ }).click();
  await card.getByLabel('Port').fill(String(mailbox.port));
  await card.getByLabel('User name').fill('bounces');
  await card.getByLabel('Password').fill('wrong');
  await card.getByRole('button', { name: 'Test and save' }).click();
  await expect(card.getByText('The server refused the user name or the password')).toBeVisible();
  await expectAccessible();
  await card.getByLabel('Password').fill('secret');
  await card.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByText('Saved: the mailbox lets us in')).toBeVisible();

  // The message comes back from somebody; a mail to the return address arrives.
  await expect.poll(() => sink.heard.mails.length).toBe(1);
  await card.getByRole('button', { name: 'Try the return address' }).click();
  await expect.poll(() => sink.heard.mails.length).toBe(2);
  const [sent, probe] = sink.heard.mails;
  const [returnTo] = sink.heard.commands.flatMap((command) => /^MAIL FROM:<([^>]+)>/i.exec(command)?.[1] ?? []);
  mailbox.add(
    probe!,
    SAMPLES.postfixUnknown({
      returnTo: returnTo!,
      messageId: messageIds([sent!])[0]!,
      to: 'person1@example.com',
      unsubscribe: 'https://example.org/u',
    }),
    'Subject: Hello\r\nFrom: somebody@example.com\r\n\r\nIs this you?\r\n',
  );
  await card.getByRole('button', { name: 'Read it now' }).click();
  await expect(card.getByText('The test of the return address has arrived')).toBeVisible();
  await expect(card.getByText('Bounces', { exact: true }).locator('..')).toHaveText('Bounces1');
  await card.getByText('Set aside: 1').click();
  await expect(card.getByText('somebody@example.com')).toBeVisible();
  await page.goto(`/${account.section.slug}/settings/suppression`);
  await expect(page.getByRole('row', { name: /person1@example\.com/ })).toContainText(/bounced/i);
  await sink.close();
  await mailbox.close();
});

/** A sender through a mail server on this machine. */
async function addServer(account: Account, port: number): Promise<SenderId> {
  const limits = { perSecond: null, perHour: null, perDay: null, warmUp: null };
  const server = { host: '127.0.0.1', port, encryption: 'none', user: '', ehloName: '', connections: 2, ...limits };
  const { id } = await one<{ id: SenderId }>(
    pool(),
    sql`
      insert into sender (section_id, kind, name, from_address, from_name, settings)
      values (
        ${account.section.id}, 'smtp', 'Newsletter', 'news@example.org', 'Shop', ${JSON.stringify({ ...NO_SETTINGS, server })}
      )
      returning id`,
  );
  return id;
}
