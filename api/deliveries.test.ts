// Service messages to one person by a call, over HTTP, against the real process; the mails go to a mail server of the test.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import { loadClient } from '@/lib/accounts/callers';
import { sendToOne } from '@/lib/clients/deliveries';
import { unavailableReason } from '@/lib/db/condition';
import type { ApiKeyId, MessageId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { deleteMessage } from '@/lib/messages/commands';
import { sendMails } from '@/lib/messages/deliver';
import { SERVICE_SLOT } from '@/lib/messages/queue';
import { cancelSend, pauseSend, resumeSend } from '@/lib/messages/send-commands';
import { scheduleMessage } from '@/lib/messages/schedule';
import { giveToApi, takeFromApi } from '@/lib/messages/transactional';
import { eraseProfile } from '@/lib/people/erase';
import { readTimeline } from '@/lib/people/reads';
import { addSuppressions } from '@/lib/suppression/commands';
import { hideTag } from '@/lib/tags/commands';
import { account, CRM, EMAIL, json, keyOf, makeKey, profilePath, section, tokenOf, withApi } from '@/testing/api';
import { attributes, makePerson } from '@/testing/api-people';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { DatabaseProxy } from '@/testing/proxy';
import { valueOf } from '@/testing/segments';
import { TestSending, type Document } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';

withApi();

let sink: Sink;
let sending: TestSending;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sink = await startSink({});
  sending = await TestSending.open(account, { port: sink.port });
});
afterAll(() => sink.close());

const RECEIPT: Document = {
  subject: [
    { type: 'text', text: 'Order ' },
    { type: 'given', name: 'order_number' },
  ],
  blocks: [
    {
      id: 'a',
      kind: 'text',
      lines: [
        [
          { type: 'text', text: 'Thank you, ' },
          { type: 'given', name: 'note', fallback: 'see you soon' },
        ],
      ],
    },
  ],
};

/** A service message that is ready for the API. */
async function ready(document: Document = RECEIPT): Promise<MessageId> {
  const messageId = await sending.message({ document, kind: 'service' });
  await give(messageId);
  return messageId;
}

const give = async (messageId: MessageId) =>
  valueOf(
    await giveToApi(account.admin, { sectionId: account.sectionId, messageId, seen: await sending.seen(messageId) }),
  );

const path = (key: string, messageId: MessageId, keyspace = EMAIL) =>
  `${profilePath(key, keyspace)}/sections/${section}/messages/${messageId}/deliveries`;

type Body = { values?: Record<string, unknown>; create?: boolean };
const VALUES = { values: { order_number: 'A-1' } };

async function post(
  key: string,
  messageId: MessageId,
  {
    body = VALUES,
    status = 202,
    as,
    idempotency,
  }: { body?: Body; status?: number; as?: string; idempotency?: string } = {},
): Promise<{ delivery_id: string; detail: string }> {
  return json(path(key, messageId), status, {
    method: 'POST',
    body,
    ...(as !== undefined && { as }),
    ...(idempotency !== undefined && { headers: { 'idempotency-key': idempotency } }),
  });
}

const readState = (messageId: MessageId, id: string, as?: string) =>
  json<{ state: string; reason: string | null; answer: string | null; version: number }>(
    `/audience/sections/${section}/messages/${messageId}/deliveries/${id}`,
    200,
    as === undefined ? {} : { as },
  );

/** One turn of the slot for single mails. */
const turn = () =>
  sendMails(
    { sectionId: account.sectionId, senderId: sending.senderId, slot: SERVICE_SLOT },
    { replyMs: 400, resetMs: 300, turnMs: 8_000 },
  );

const mailsTo = (key: string) => sink.heard.mails.filter((mail) => mail.includes(`To: ${key}`));

async function person(name?: string) {
  const key = keyOf('buyer');
  return { key, id: await makePerson({ email: key }, name) };
}

describe('a call', () => {
  it('sends one mail with its values, and says what became of it', async () => {
    const messageId = await ready();
    const { key, id } = await person();
    const body = { values: { order_number: 'A-1041', note: '<b>bold</b>' } };
    const { delivery_id: delivery } = await post(key, messageId, { body });
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'waiting', version: 1 });
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'sent', reason: null });
    const [mail, ...more] = mailsTo(key);
    expect(more).toEqual([]);
    expect(mail).toContain('Subject: Order A-1041');
    expect(mail).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(mail).not.toContain('List-Unsubscribe');
    const { items } = valueOf(
      await readTimeline(account.admin, { sectionId: account.sectionId, profileId: id, only: 'messages' }),
    );
    expect(items).toMatchObject([{ what: 'was sent' }]);
  });

  it('needs no consent, and passes over an address that bounced for good', async () => {
    const messageId = await ready();
    const [asked, bounced] = [await person(), await person()];
    const suppress = (address: string, reason: string) =>
      addSuppressions(account.admin, {
        sectionId: account.sectionId,
        groups: [{ channel: 'email', reason, addresses: [address] }],
      });
    valueOf(await suppress(asked.key, 'manual'));
    valueOf(await suppress(bounced.key, 'hard'));
    const first = await post(asked.key, messageId);
    const second = await post(bounced.key, messageId);
    await turn();
    expect(await readState(messageId, first.delivery_id)).toMatchObject({ state: 'sent' });
    expect(await readState(messageId, second.delivery_id)).toMatchObject({ state: 'skipped', reason: 'suppressed' });
  });

  it('names its values: those of the message, and attributes in it for this mail only', async () => {
    const messageId = await ready({
      ...RECEIPT,
      blocks: [
        { id: 'a', kind: 'text', lines: [[{ type: 'variable', attributeId: await firstname(), fallback: 'you' }]] },
      ],
    });
    const { key } = await person('Astrid');
    const refusals = [
      [{ values: {} }, 'The value “order_number” is missing.'],
      [{ values: { order_number: ' ' } }, 'The value “order_number” is missing.'],
      [{ values: { order_number: 'A', other: 'x' } }, 'has no value “other”. It has: order_number.'],
      [{ values: { order_number: 'A', 'com.apsis1.attributes.lastname': 'x' } }, 'has no value'],
      [{ values: { order_number: 'x'.repeat(2_001) } }, 'at most 2000'],
      [{ values: { order_number: ['A'] } }, ''],
    ] as const;
    for (const [body, words] of refusals) {
      expect((await post(key, messageId, { body: body as unknown as Body, status: 400 })).detail).toContain(words);
    }
    await post(key, messageId);
    const values = { order_number: 7, 'com.apsis1.attributes.firstname': 'Kund' };
    await post(key, messageId, { body: { values } });
    await turn();
    const mails = mailsTo(key);
    expect(mails.filter((mail) => mail.includes('Astrid') && mail.includes('Order A-1'))).toHaveLength(1);
    expect(mails.filter((mail) => mail.includes('Kund') && mail.includes('Order 7'))).toHaveLength(1);
    expect(await json(`/v2${attributes(key)}`)).toMatchObject({ 'com.apsis1.attributes.firstname': 'Astrid' });
  });

  it('makes the profile if it is told to, and needs an address', async () => {
    const messageId = await ready();
    const key = keyOf('new');
    expect((await post(key, messageId, { status: 404 })).detail).toContain('create');
    const { delivery_id: delivery } = await post(key, messageId, { body: { ...VALUES, create: true } });
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'sent' });
    expect(mailsTo(key)).toHaveLength(1);
    const body = { ...VALUES, create: true };
    const crm = `C-${randomUUID()}`;
    const refused = await json<{ detail: string }>(path(crm, messageId, CRM), 409, { method: 'POST', body });
    expect(refused.detail).toBe('This profile has no email address.');
    await json(`/v2${attributes(crm, CRM)}`, 404);
    await json(`${profilePath(key)}/locks`, 204, { method: 'PUT' });
    await post(key, messageId, { body, status: 410 });
  });

  it('is sent once for an Idempotency-Key, however many come at once; a person may get a message again', async () => {
    const messageId = await ready();
    const { key } = await person();
    const idempotency = randomUUID();
    const answers = await Promise.all(Array.from({ length: 16 }, () => post(key, messageId, { idempotency })));
    expect(new Set(answers.map(({ delivery_id: id }) => id)).size).toBe(1);
    await post(key, messageId, { idempotency, body: { values: { order_number: 'B' } }, status: 409 });
    const other = await ready();
    await post(key, other, { idempotency, status: 409 });
    const again = await post(key, messageId, { idempotency: randomUUID() });
    expect(again.delivery_id).not.toBe(answers[0]!.delivery_id);
    await turn();
    expect(mailsTo(key)).toHaveLength(2);
    const { items } = await json<{ items: object[] }>(`/audience/sections/${section}/messages/${messageId}/sends`);
    expect(items).toMatchObject([{ status: 'sending', recipients: { sent: 2, waiting: 0 } }]);
  });

  it('is refused for a person who has had the message too often within an hour', async () => {
    const messageId = await ready();
    const [{ key }, other] = [await person(), await person()];
    await Promise.all(Array.from({ length: 30 }, () => post(key, messageId)));
    expect((await post(key, messageId, { status: 429 })).detail).toContain('30 times within the last hour');
    await post(other.key, messageId);
  });
});

const firstname = async () =>
  (
    await one<{ id: number }>(
      pool(),
      sql`select id from attribute where section_id = ${account.sectionId} and code = 'firstname'`,
    )
  ).id;

describe('rights', () => {
  it('of keys: one that may write, in the section, through its keyspaces', async () => {
    const messageId = await ready();
    const { key } = await person();
    await post(key, messageId, { status: 403, as: await tokenOf(await makeKey({ canWrite: false })) });
    const crmOnly = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await post(key, messageId, { status: 404, as: crmOnly });
    const other = await createTestAccount();
    const stranger = await tokenOf(await makeKey({}, other));
    await post(key, messageId, { status: 404, as: stranger });
    const { delivery_id: delivery } = await post(key, messageId);
    await turn();
    expect((await readState(messageId, delivery)).answer).not.toBeNull();
    expect((await readState(messageId, delivery, crmOnly)).answer).toBeNull();
    const address = `/audience/sections/${section}/messages/${messageId}/deliveries/${delivery}`;
    await json(address, 404, { as: stranger });
    const another = await ready();
    await json(`/audience/sections/${section}/messages/${another}/deliveries/${delivery}`, 404);
    // Recipients of newsletters are no deliveries.
    const [number] = await rows<{ number: number }>(
      pool(),
      sql`select number from recipient where section_id = ${account.sectionId} and occurrence = 0 limit 1`,
    );
    expect(number).toBeUndefined();
  });

  it('of people: Admins give messages to the API, and take them back', async () => {
    const messageId = await sending.message({ document: RECEIPT, kind: 'service' });
    const input = { sectionId: account.sectionId, messageId, seen: await sending.seen(messageId) };
    expect(await giveToApi(account.marketer, input)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    const { key } = await person();
    expect((await post(key, messageId, { status: 409 })).detail).toContain('not ready for the API');
    valueOf(await giveToApi(account.admin, input));
    await post(key, messageId);
    expect(await takeFromApi(account.marketer, input)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    valueOf(await takeFromApi(account.admin, input));
    await post(key, messageId, { status: 409 });
    // What was asked for before is still sent, and then the send has ended.
    await turn();
    expect(mailsTo(key)).toHaveLength(1);
    const { items } = await json<{ items: object[] }>(`/audience/sections/${section}/messages/${messageId}/sends`);
    expect(items).toMatchObject([{ status: 'done', recipients: { sent: 1 } }]);
  });
});

describe('a message', () => {
  const refusalOf = async (document: Document, more: object = {}) => {
    const messageId = await sending.message({ document, kind: 'service', ...more });
    const input = { sectionId: account.sectionId, messageId, seen: await sending.seen(messageId) };
    const result = await giveToApi(account.admin, input);
    return result.ok ? null : result.refusal.message;
  };

  it('is given to the API only if it is a service message that says something to everybody', async () => {
    expect(await refusalOf(RECEIPT, { kind: 'marketing' })).toContain('Only service messages');
    expect(await refusalOf({ ...RECEIPT, subject: [] })).toBe('Write a subject.');
    const bare = [
      { id: 'a', kind: 'text' as const, lines: [[{ type: 'variable' as const, attributeId: await firstname() }]] },
    ];
    expect(await refusalOf({ ...RECEIPT, blocks: bare })).toContain('who do not have it');
    const many = await sending.message({ kind: 'service' });
    await sending.people(1);
    await sending.schedule(many);
    const input = { sectionId: account.sectionId, messageId: many, seen: await sending.seen(many) };
    expect(await giveToApi(account.admin, input)).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
  });

  it('is not sent to many if only a call gives its values, nor while the API uses it', async () => {
    const input = async (messageId: MessageId) => ({
      sectionId: account.sectionId,
      messageId,
      seen: await sending.seen(messageId),
      wish: { when: 'now' },
    });
    const draft = await sending.message({ document: RECEIPT, kind: 'service' });
    expect(await scheduleMessage(account.admin, await input(draft))).toMatchObject({
      refusal: { message: expect.stringContaining('“order_number”') as string },
    });
    const messageId = await ready();
    const refused = await scheduleMessage(account.admin, await input(messageId));
    expect(refused).toMatchObject({ refusal: { code: expect.stringMatching('conflict|invalid') as string } });
    expect(await deleteMessage(account.admin, { sectionId: account.sectionId, messageId })).toMatchObject({
      refusal: { message: 'The API uses this message. Take it back first.' },
    });
  });

  it('stays as it was given until it is given again', async () => {
    const messageId = await ready();
    const { key } = await person();
    const change = { ...RECEIPT, subject: [{ type: 'text', text: 'Another subject' }] };
    await execute(
      pool(),
      sql`update message set content = ${JSON.stringify({ channel: 'email', document: change })}
          where section_id = ${account.sectionId} and id = ${messageId}`,
    );
    const before = await post(key, messageId);
    expect(await give(messageId)).toMatchObject({ version: 2 });
    const after = await post(key, messageId, { body: {} });
    await turn();
    expect(await readState(messageId, before.delivery_id)).toMatchObject({ state: 'sent', version: 1 });
    expect(await readState(messageId, after.delivery_id)).toMatchObject({ state: 'sent', version: 2 });
    expect(
      mailsTo(key)
        .map((mail) => /^Subject: (.*)$/m.exec(mail)![1]!.trim())
        .sort(),
    ).toEqual(['Another subject', 'Order A-1']);
    const { items } = await json<{ items: object[] }>(`/audience/sections/${section}/messages/${messageId}/sends`);
    expect(items).toMatchObject([
      { status: 'sending', version: 2 },
      { status: 'done', version: 1 },
    ]);
  });

  it('that is paused or was deleted is not sent; what waits goes on afterwards', async () => {
    const messageId = await ready();
    const { key } = await person();
    const { delivery_id: delivery } = await post(key, messageId);
    const { sendId } = await one<{ sendId: number }>(
      pool(),
      sql`select api_send_id as "sendId" from message where section_id = ${account.sectionId} and id = ${messageId}`,
    );
    const of = { sectionId: account.sectionId, sendId };
    expect(await cancelSend(account.admin, of)).toMatchObject({ ok: false });
    valueOf(await pauseSend(account.admin, of));
    expect((await post(key, messageId, { status: 409 })).detail).toMatch(/paused. Test admin has paused it/);
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'waiting' });
    valueOf(await resumeSend(account.admin, of));
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'sent' });
    const gone = await sending.message({ document: RECEIPT, kind: 'service' });
    valueOf(await deleteMessage(account.admin, { sectionId: account.sectionId, messageId: gone }));
    await post(key, gone, { status: 404 });
    await post(key, 2_147_483_647 as MessageId, { status: 404 });
  });

  it('that needs attention fails closed: calls are refused, and what waits does not leave', async () => {
    const tagId = await createTestTag(account.sectionId, `VIP ${randomUUID()}`);
    const messageId = await ready({
      ...RECEIPT,
      blocks: [{ id: 'a', kind: 'text', lines: [[{ type: 'text', text: 'For you' }]], onlyFor: { tagId, has: true } }],
    });
    const { key } = await person();
    const { delivery_id: delivery } = await post(key, messageId);
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId }));
    expect((await post(key, messageId, { status: 409 })).detail).toContain('needs attention');
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'waiting' });
    expect(mailsTo(key)).toEqual([]);
    // Taking it back ends what can never be sent.
    valueOf(await takeFromApi(account.admin, { sectionId: account.sectionId, messageId }));
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a person', () => {
  it('who is erased before it leaves gets nothing, and what a call gave is forgotten', async () => {
    const messageId = await ready();
    const { key, id } = await person();
    const { delivery_id: delivery } = await post(key, messageId);
    valueOf(await eraseProfile(account.admin, { sectionId: account.sectionId, profileId: id }));
    await turn();
    expect(await readState(messageId, delivery)).toMatchObject({ state: 'skipped', reason: 'erased', answer: null });
    expect(mailsTo(key)).toEqual([]);
    const [row] = await rows(
      pool(),
      sql`select address, given from recipient where section_id = ${account.sectionId} and number = ${Number(delivery)}`,
    );
    expect(row).toEqual({ address: null, given: null });
  });

  it('who is merged keeps all mails that calls have asked for', async () => {
    const messageId = await ready();
    const [stays, goes] = [await person(), await person()];
    const deliveries = [
      await post(stays.key, messageId),
      await post(goes.key, messageId),
      await post(goes.key, messageId),
    ];
    const crm = `C-${randomUUID()}`;
    const values = { 'com.apsis1.attributes.crmid': crm, 'com.apsis1.attributes.email': null };
    await json(`/v2${attributes(goes.key)}`, 204, { method: 'PATCH', body: values });
    const profiles = [
      { keyspace_discriminator: EMAIL, profile_key: stays.key },
      { keyspace_discriminator: CRM, profile_key: crm },
    ];
    await json('/audience/profiles/merges', 204, { method: 'PUT', body: { profiles } });
    await turn();
    const states = await Promise.all(deliveries.map(({ delivery_id: one }) => readState(messageId, one)));
    expect(states.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
    expect(mailsTo(stays.key)).toHaveLength(3);
  });
});

it('a call that the database breaks off is undone whole, and sent once when it is repeated', async () => {
  const messageId = await ready();
  const { key } = await person();
  const client = await loadClient((await makeKey()).id as ApiKeyId, { ip: null, userAgent: null });
  const { sectionId, keyspaces } = account;
  const input = { sectionId, keyspaceId: keyspaces.email, key, messageId, ...VALUES };
  const options = { requestId: randomUUID() };
  const proxy = await DatabaseProxy.open();
  try {
    for (const ms of [0, 4, 12]) {
      const sent = sendToOne(client!, input, options).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, ms));
      proxy.cut();
      const ended = await sent;
      expect(ended instanceof Error ? unavailableReason(ended) !== null : (ended as { ok: boolean }).ok).toBe(true);
      await proxy.restore();
    }
    const first = valueOf(await sendToOne(client!, input, options));
    expect(valueOf(await sendToOne(client!, input, options))).toEqual(first);
  } finally {
    await proxy.close();
  }
  await turn();
  expect(mailsTo(key)).toHaveLength(1);
});

it('a message that is given to the API goes to nobody without a call', async () => {
  await ready();
  const sends = await rows<{ audience: object; people: number }>(
    pool(),
    sql`
      select audience, (select count(*) from recipient where section_id = ${account.sectionId} and send_id = send.id) as people
      from send where section_id = ${account.sectionId} and origin = 'api' order by id desc limit 1`,
  );
  expect(sends).toEqual([{ audience: EVERYONE, people: 0 }]);
});
