// A preview is what would be sent: by the same compiler and renderer, in the section's look, for one person or nobody.
import { simpleParser } from 'mailparser';
import { expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag } from '@/testing/fixtures';
import { tagProfiles } from '@/testing/segments';
import { TestSending, type Document } from '@/testing/sends';
import { saveBrand } from './brand';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { previewMail } from './preview';
import { sendTest } from './test-mail';
import { messageToken } from './token';
import { readMailPage } from './web-view';

it('shows the values and the blocks of a person, or the fallbacks', async () => {
  const account = await createTestAccount();
  const { sectionId } = account;
  const attribute = valueOf(await createAttribute(account.admin, { sectionId, name: 'Nickname', type: 'text' }));
  const vip = await createTestTag(sectionId, 'VIP');
  const [profileId] = await createTestProfiles(sectionId, 1);
  await execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify({ [attribute.code]: 'Åsa <b>' })}::jsonb
      where section_id = ${sectionId} and id = ${profileId}`,
  );
  await tagProfiles(sectionId, [profileId!], { apply: [vip] });
  valueOf(
    await saveBrand(account.admin, { sectionId, brand: { accent: '#7c2d12', language: 'sv', sentBy: 'Fjällkök' } }),
  );

  const variable = { type: 'variable' as const, attributeId: attribute.id, fallback: 'friend' };
  const document = {
    subject: [{ type: 'text' as const, text: 'Hej ' }, variable],
    blocks: [
      { id: 'a', kind: 'heading', line: [{ type: 'text', text: 'Hej ' }, variable] },
      {
        id: 'b',
        kind: 'button',
        label: [{ type: 'text', text: 'Köp' }],
        link: 'https://a.example/',
        onlyFor: { tagId: vip, has: true },
      },
    ],
  };
  const seen = async (id: ProfileId | null) =>
    valueOf(await previewMail(account.marketer, { sectionId, document: document as never, profileId: id }));
  const person = await seen(profileId!);
  expect(person.subject).toBe('Hej Åsa <b>');
  expect(person.html).toContain('Hej Åsa &lt;b&gt;');
  expect(person.html).toContain('#7c2d12');
  expect(person.html).toContain('Avsluta prenumerationen');
  expect(person.text).toContain('Köp: https://a.example/');
  expect(person.bytes).toBe(Buffer.byteLength(person.html));
  const nobody = await seen(null);
  expect(nobody.subject).toBe('Hej friend');
  expect(nobody.text).not.toContain('Köp');
});

it('the preview, a test, the mail and its page are the same, but for where their own links lead', async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  const account = await createTestAccount();
  const sending = await TestSending.open(account, null);
  const { sectionId } = sending;
  const [profileId] = await sending.people(1);
  const attribute = valueOf(await createAttribute(account.admin, { sectionId, name: 'Joined', type: 'date' }));
  const tagId = await createTestTag(sectionId, 'VIP');
  await tagProfiles(sectionId, [profileId!], { apply: [tagId] });
  await execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify({ [attribute.code]: '2026-05-03' })}::jsonb
      where section_id = ${sectionId} and id = ${profileId}`,
  );
  const since = { type: 'variable' as const, attributeId: attribute.id, fallback: 'long ago' };
  const said = (text: string) => ({ type: 'text' as const, text });
  const document: Document = {
    subject: [said('Since '), since],
    blocks: [
      { id: 'a', kind: 'text', lines: [[said('With us since '), since, said(' {{ x } & “ö”')]] },
      {
        id: 'b',
        kind: 'html',
        source: [{ type: 'text', text: '<p>For <b>VIPs</b></p>' }],
        onlyFor: { tagId, has: true },
      },
      { id: 'c', kind: 'text', lines: [[said('For the others')]], onlyFor: { tagId, has: false } },
    ] as Document['blocks'],
  };
  const settings = { trackOpens: false, trackClicks: false };
  const messageId = await sending.message({ document, settings });
  const of = { sectionId, messageId, profileId: profileId! };
  valueOf(await sendTest(account.marketer, { ...of, to: [account.marketer.email] }));
  const preview = valueOf(await previewMail(account.marketer, { ...of, document }));
  const sendId = await sending.schedule(messageId);
  await prepareSend({ sectionId, sendId });
  await sendMails({ sectionId, senderId: sending.senderId, slot: 0 });

  const caught = await rows<{ raw: Buffer }>(
    pool(),
    sql`select raw from caught_mail where section_id = ${sectionId} order by id`,
  );
  const read = await Promise.all(
    caught.map(({ raw }) => simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true })),
  );
  const { number } = await one<{ number: number }>(
    pool(),
    sql`select number from recipient where section_id = ${sectionId} and send_id = ${sendId}`,
  );
  const page = await readMailPage(messageToken('view', { sectionId, number, link: 0 }));
  const plain = (text: string) =>
    text.replace(/https:\/\/tagwell\.example\.org\/[upv]\/[\w-]+|#(unsubscribe|preferences|view)\b/g, '…').trim();
  expect(preview.text).toContain('With us since 3 May 2026 {{ x } & “ö”');
  expect(read).toHaveLength(2);
  for (const mail of read) {
    expect(mail.subject).toBe(preview.subject);
    expect(plain(mail.text ?? '')).toBe(plain(preview.text));
    expect(plain(mail.html || '')).toBe(plain(preview.html));
  }
  expect(page).toMatchObject({ is: 'found' });
  expect(plain('value' in page ? page.value : '')).toBe(plain(preview.html));
});
