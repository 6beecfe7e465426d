// What the built-in mailbox keeps of people, when they are erased.
import { expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { createProfile } from '@/lib/profiles/commands';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import { MailboxTransport } from '@/lib/sending/mailbox';

it('a person who is erased leaves no mail and no SMS in the built-in mailbox', async () => {
  const account = await createTestAccount();
  const { sectionId, senderId } = await TestSending.open(account, null);
  const keys = [
    { keyspaceId: account.keyspaces.email, key: 'Åsa.Öberg@räksmörgås.example' },
    { keyspaceId: account.keyspaces.mobile, key: '+46701234567' },
  ];
  const { id } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} }));
  const mailbox = new MailboxTransport(sectionId, senderId);
  const mail = (to: string) =>
    mailbox.deliver({ envelope: { from: 'news@example.com', to }, raw: Buffer.from('Subject: Hello\r\n\r\nHello') });
  const sms = (to: string) => mailbox.deliverSms({ from: 'Shop', to, text: 'Hello', reference: null });
  await Promise.all([
    mail('Åsa.Öberg@xn--rksmrgs-5wao1o.example'),
    mail('somebody.else@example.com'),
    sms('46701234567'),
    sms('46707654321'),
  ]);
  await mailbox.close();
  valueOf(await eraseProfile(account.admin, { sectionId, profileId: id }));
  const left = await rows(
    pool(),
    sql`select to_address as "to" from caught_mail where section_id = ${sectionId} order by to_address`,
  );
  expect(left).toEqual([{ to: '+46707654321' }, { to: 'somebody.else@example.com' }]);
});
