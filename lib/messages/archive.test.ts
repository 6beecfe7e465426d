// Sent mails on the web: switched on and off, and nothing of a person in them.
import { beforeAll, expect, it } from 'vitest';
import { createApi, isApiPath } from '@/api/app';
import { valueOf } from '@/lib/access/refusal';
import type { AttributeId, MessageId, SendId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { compileMail } from '@/lib/mail-document/compile';
import { footerWords } from '@/lib/mail-document/footer-words';
import { BrandSchema, MailDocumentSchema } from '@/lib/mail-document/schema';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { makeSend } from '@/testing/messages';
import { inOneMinute } from '@/testing/one-minute';
import { forNobody, publishMessage, readPublished, withdrawMessage } from './archive';

const api = createApi({
  secret: 'archive',
  callsPerSecond: 100,
  onError: (error) => {
    throw error;
  },
});

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

/** A message that was sent, with what a mail of it is compiled to. */
async function sentMessage(name: string) {
  const sendId: SendId = await makeSend(account, { name, topicIds: [], links: ['https://shop.example/'] });
  const { id } = await one<{ id: MessageId }>(
    pool(),
    sql`select message_id as id from send where section_id = ${account.sectionId} and id = ${sendId}`,
  );
  return { sectionId: account.sectionId, messageId: id };
}

const pathOf = (address: string) => new URL(address).pathname;
async function read(path: string) {
  expect(isApiPath(path)).toBe(true);
  const response = await api.request(path);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

it('is switched on with an address, off again, and on at the same address', async () => {
  const of = await sentMessage('On and off');
  expect(valueOf(await readPublished(account.marketer, of))).toBeNull();
  const { address } = valueOf(await publishMessage(account.marketer, { ...of, searchable: false }));
  const page = await read(pathOf(address));
  expect(page.status).toBe(200);
  expect(page.text).toContain('Hello');
  expect(page.headers.get('x-robots-tag')).toContain('noindex');
  expect(page.headers.get('content-security-policy')).toContain('sandbox');
  expect(page.headers.get('cache-control')).toBe('no-store');

  valueOf(await publishMessage(account.marketer, { ...of, searchable: true }));
  expect((await read(pathOf(address))).headers.get('x-robots-tag')).toBeNull();

  valueOf(await withdrawMessage(account.marketer, of));
  expect((await read(pathOf(address))).status).toBe(404);
  expect(valueOf(await readPublished(account.marketer, of))).toMatchObject({ isOn: false, address });
  expect(valueOf(await publishMessage(account.marketer, { ...of, searchable: false })).address).toBe(address);
  expect((await read(pathOf(address))).status).toBe(200);
});

it('is found by its whole address only', async () => {
  const of = await sentMessage('Gone');
  const path = pathOf(valueOf(await publishMessage(account.marketer, { ...of, searchable: true })).address);
  const other = await createTestSection(account.accountId, 'Other');
  const wrong = path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  for (const address of [wrong, path.replace(/\d+/, String(other)), path.replace(/\d+/, '4294967296')]) {
    expect((await read(address)).status).toBe(404);
  }
  expect((await read(`${path}?utm_source=x`)).status).toBe(200);
});

it('is refused for a message that has not gone out, and by people of other sections', async () => {
  const of = await sentMessage('Not yet');
  await execute(
    pool(),
    sql`
      update send set frozen_at = null, started_at = null
      where section_id = ${of.sectionId} and message_id = ${of.messageId}`,
  );
  expect(await publishMessage(account.marketer, { ...of, searchable: false })).toMatchObject({
    ok: false,
    refusal: { code: 'conflict' },
  });
  const { marketer } = await createTestAccount();
  expect(await publishMessage(marketer, { ...of, searchable: false })).toMatchObject({ ok: false });
  expect(await withdrawMessage(account.marketer, of)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
});

it('has what nobody in particular reads: no values, no tags, no way out, no counted links', async () => {
  const text = (...line: unknown[]) => ({ kind: 'text', lines: [line] });
  const document = MailDocumentSchema.parse({
    subject: [{ type: 'text', text: 'News' }],
    blocks: [
      { id: 'a', ...text({ type: 'text', text: 'Hi ' }, { type: 'variable', attributeId: 7, fallback: 'friend' }) },
      { id: 'b', ...text({ type: 'text', text: 'For VIPs' }), onlyFor: { tagId: 12 as TagId, has: true } },
      {
        id: 'c',
        kind: 'button',
        label: [{ type: 'text', text: 'Buy' }],
        link: 'https://shop.example/{{a7}}?a=1&b={{a8}}2',
      },
      { id: 'd', ...text({ type: 'text', text: 'Typed {{ unsubscribe_url }} &nbsp;·&nbsp;' }) },
      {
        id: 'e',
        kind: 'image',
        source: '/i/1/00000000-0000-4000-8000-000000000000',
        alt: 'A tent',
      },
    ],
  });
  for (const language of ['en', 'sv']) {
    const brand = BrandSchema.parse({ language, sentBy: 'Fjällkök AB' });
    const words = footerWords(language);
    const compiled = await compileMail(document, brand, words);
    expect(compiled.attributeIds).toEqual([7, 8] as AttributeId[]);
    const html = forNobody(compiled, 'https://t.example/a/1/abc');
    expect(html).toContain('Hi friend');
    expect(html).not.toContain('For VIPs');
    expect(html).toContain('href="https://shop.example/?a=1&amp;b=2"');
    expect(html).toContain('Typed {{ unsubscribe_url }}');
    expect(html).toContain('src="https://t.example/i/1/');
    expect(html).toContain('Fjällkök AB');
    for (const word of Object.values(words)) expect(html).not.toContain(word);
    expect(html).not.toMatch(/href=""|\/[couvp]\//);
    expect(html).not.toContain('width="1" height="1"');
  }
});

it('answers the rush of a minute from one place, and then asks to wait', async () => {
  const statuses = new Set<number>();
  await inOneMinute(async () => {
    for (let at = 0; at < 320; at++) statuses.add((await api.request('/a/1/unknown')).status);
  });
  expect([...statuses]).toEqual([404, 429]);
});
