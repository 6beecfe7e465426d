// Webhooks, with a real receiver.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { ClientActor } from '@/lib/access/actor';
import { createApiKey, revokeApiKey } from '@/lib/accounts/api-keys';
import type { ProfileId, TagId, WebhookId } from '@/lib/db/ids';
import { WEBHOOKS } from '@/lib/config/limits';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { addressProblem, post } from '@/lib/outbound/request';
import { eraseProfile } from '@/lib/people/erase';
import { createProfile } from '@/lib/profiles/commands';
import { exportKey } from '@/lib/profiles/export-key';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { createTestAccount, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { createWebhook, deleteWebhook, pauseWebhook, resendMessages, rotateSecret, testWebhook } from './commands';
import { Deliveries } from './deliver';
import { makeMessages } from './messages';
import { getMessage, getWebhook, listMessages } from './queries';
import { RETRY_AFTER } from './schema';

type Received = { headers: Record<string, string>; body: string; path: string };

let account: TestAccount;
let receiver: http.Server;
let address: string;
let received: Received[];
/** Held responses, until `releaseSlow`. */
let held: (() => void)[];
const releaseSlow = () => held.splice(0).forEach((reply) => reply());
/** The receiver's response. */
let answer: { status: number; headers?: Record<string, string> };

beforeAll(async () => {
  process.env.NEXTAUTH_SECRET = 'a secret of the webhook tests only';
  receiver = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body, path: request.url ?? '' });
      const reply = () => response.writeHead(answer.status, answer.headers).end('thank you');
      if (request.url?.endsWith('/slow')) held.push(reply);
      else reply();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(() => receiver.close());

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
  received = [];
  held = [];
  answer = { status: 204 };
});
afterEach(() => execute(pool(), sql`delete from webhook`));

async function make(more: object = {}, actor: TestAccount['admin'] | ClientActor = account.admin) {
  const made = await createWebhook(actor, { sectionId: account.sectionId, url: address, ...more });
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value;
}

async function makeProfile(email: string, mobile = ''): Promise<ProfileId> {
  const keys = [
    { keyspaceId: account.keyspaces.email, key: email },
    { keyspaceId: account.keyspaces.mobile, key: mobile },
  ];
  const made = await createProfile(account.admin, { sectionId: account.sectionId, keys, attributes: {} });
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value.id;
}

function tag(profileId: ProfileId, tagId: TagId, apply = true) {
  const cause = { sectionId: account.sectionId, source: 'user' as const, userId: account.admin.userId };
  const change = apply ? { apply: [tagId], remove: [] } : { apply: [], remove: [tagId] };
  return transaction((tx) => changeTags(tx, cause, wantedForOne(profileId, change)));
}

async function deliverDue(): Promise<number> {
  const deliveries = new Deliveries();
  const started = await deliveries.start();
  await deliveries.settle();
  return started;
}

const tell = async () => {
  await makeMessages();
  while ((await deliverDue()) > 0);
};
const parsed = () => received.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
const messages = (webhookId: WebhookId) => listMessages(pool(), account.sectionId, webhookId, { limit: 100 });
const dueNow = () => execute(pool(), sql`update webhook_message set next_attempt_at = now() - interval '1 second'`);

describe('a webhook', () => {
  it('receives changes in order, with signatures that Standard Webhooks verifies', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const profileId = await makeProfile('ann@example.com');
    const { secret } = await make();
    await tag(profileId, vip);
    await tag(profileId, vip, false);
    await tell();
    expect(
      parsed()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['tag.applied', 'tag.removed']);
    for (const { headers, body } of received) {
      const verified = new Webhook(secret).verify(body, headers) as { data: object };
      expect(verified.data).toMatchObject({
        tag_name: 'VIP',
        source: 'user',
        profile_keys: [{ keyspace_discriminator: 'com.apsis1.keyspaces.email', profile_key: 'ann@example.com' }],
      });
    }
    expect(() => new Webhook(secret).verify(`${received[0]!.body} `, received[0]!.headers)).toThrow();
    await tell();
    expect(received).toHaveLength(2);
  });

  it('receives only its tags, with keys that may read them, and no earlier changes', async () => {
    const [vip, lead, secret] = [
      await createTestTag(account.sectionId, 'VIP'),
      await createTestTag(account.sectionId, 'Lead'),
      await createTestTag(account.sectionId, 'Secret'),
    ];
    const profileId = await makeProfile('bo@example.com');
    await tag(profileId, lead);
    await make({ tags: [vip, secret] });
    await execute(
      pool(),
      sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
          values (${account.sectionId}, ${secret}, ${account.keyspaces.email}, false, true)`,
    );
    for (const tagId of [vip, secret]) await tag(profileId, tagId);
    await tag(profileId, lead, false);
    await tell();
    expect(parsed()).toMatchObject([{ type: 'tag.applied', data: { tag_name: 'VIP' } }]);
  });

  it('receives one message per bulk operation, when it has ended', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const ids = [await makeProfile('a@example.com'), await makeProfile('b@example.com')];
    await make();
    const started = await bulkTag(account.admin, {
      sectionId: account.sectionId,
      selection: { kind: 'ids', ids },
      apply: [vip],
    });
    if (!started.ok) throw new Error(started.refusal.message);
    await runToEnd(account.sectionId, started.value.operationId);
    await tell();
    expect(parsed()).toMatchObject([
      {
        type: 'tags.bulk_changed',
        data: { applied: 2, removed: 0, status: 'done', tags: [{ tag_name: 'VIP', applied: 2 }] },
      },
    ]);
    expect(parsed()[0]!.data.changes).toContain(`job_id=${started.value.operationId}`);
  });

  it('receives only what it may read of a bulk operation, about profiles whose keys it receives', async () => {
    const [vip, secret] = [
      await createTestTag(account.sectionId, 'VIP'),
      await createTestTag(account.sectionId, 'Secret'),
    ];
    await execute(
      pool(),
      sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
          values (${account.sectionId}, ${secret}, ${account.keyspaces.email}, false, true)`,
    );
    const ids = [await makeProfile('a@example.com'), await makeProfile('b@example.com')];
    const both = [...ids, await makeProfile('c@example.com', '46701234567')];
    await make();
    await make({ keyspaces: [account.keyspaces.mobile] });
    const change = async (selected: ProfileId[], tagIds: TagId[]) => {
      const selection = { kind: 'ids', ids: selected };
      const started = await bulkTag(account.admin, { sectionId: account.sectionId, selection, apply: tagIds });
      if (!started.ok) throw new Error(started.refusal.message);
      await runToEnd(account.sectionId, started.value.operationId);
    };
    await change(ids, [secret]);
    await tell();
    expect(received).toEqual([]);
    await change(both, [vip, secret]);
    await tell();
    const reports = parsed().map(({ data }) => data.tags);
    expect(reports).toHaveLength(2);
    // By email only VIP may be read; profiles with a mobile number are reported with both.
    expect(reports).toContainEqual([
      expect.objectContaining({ tag_name: 'Secret', applied: 1 }),
      expect.objectContaining({ tag_name: 'VIP', applied: 3 }),
    ]);
    expect(reports).toContainEqual([
      expect.objectContaining({ tag_name: 'Secret', applied: 1 }),
      expect.objectContaining({ tag_name: 'VIP', applied: 1 }),
    ]);
    expect(parsed().map(({ data }) => data.summary)).toContain('“Secret”: 1 applied; “VIP”: 3 applied');
  });

  it('that does not accept a message gets it again under the same id, for a day', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const { webhookId } = await make();
    answer = { status: 500 };
    await tag(await makeProfile('cy@example.com'), vip);
    await tell();
    for (const seconds of RETRY_AFTER) {
      const [{ wait }] = (await rows<{ wait: number }>(
        pool(),
        sql`select extract(epoch from next_attempt_at - now())::float8 as wait from webhook_message`,
      )) as [{ wait: number }];
      expect(wait).toBeGreaterThan(seconds - 5);
      expect(await deliverDue()).toBe(0);
      await dueNow();
      await deliverDue();
    }
    expect(RETRY_AFTER.reduce((sum, seconds) => sum + seconds) / 3_600).toBeGreaterThanOrEqual(23);
    expect(await messages(webhookId)).toMatchObject([{ status: 'failed', lastStatus: 500 }]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(received).toHaveLength(RETRY_AFTER.length + 1);

    answer = { status: 200 };
    const again = await resendMessages(account.admin, {
      sectionId: account.sectionId,
      webhookId,
      messages: 'failed',
    });
    expect(again).toMatchObject({ ok: true, value: { sent: 1 } });
    await deliverDue();
    const [message] = await messages(webhookId);
    expect(message).toMatchObject({ status: 'delivered', attempts: 1 });
    const { attempts } = (await getMessage(pool(), account.sectionId, message!.id))!;
    expect(attempts.at(-1)).toMatchObject({ statusCode: 200, answer: 'thank you' });
  });

  it('gets a message from a process that died again from another one, when the lease expires', async () => {
    const { webhookId } = await make();
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId });
    await execute(
      pool(),
      sql`update webhook_message set attempts = 1, next_attempt_at = now() + interval '60 seconds'`,
    );
    expect(await deliverDue()).toBe(0);
    await dueNow();
    await Promise.all([deliverDue(), deliverDue(), deliverDue()]);
    expect(received).toHaveLength(1);
    expect(await messages(webhookId)).toMatchObject([{ status: 'delivered', type: 'webhook.test' }]);
  });

  it('that answers slowly does not delay others', async () => {
    const { webhookId: fast } = await make();
    const { webhookId: slow } = await make({ url: `${address}/slow` });
    for (let count = 0; count < 9; count++) {
      await testWebhook(account.admin, { sectionId: account.sectionId, webhookId: slow });
    }
    const deliveries = new Deliveries();
    expect(await deliveries.start()).toBe(4);
    expect(await deliveries.start()).toBe(0);
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId: fast });
    expect(await deliveries.start()).toBe(1);
    await expect.poll(async () => (await messages(fast))[0]?.status).toBe('delivered');
    expect((await messages(slow)).filter(({ status }) => status === 'waiting')).toHaveLength(9);
    releaseSlow();
    await deliveries.settle();
    expect((await messages(slow)).filter(({ status }) => status === 'delivered')).toHaveLength(4);
  });

  it('whose receivers never answer do not delay others: they share half of the slots, one each, and none once deleted', async () => {
    const silent: WebhookId[] = [];
    for (let count = 0; count < 14; count++) {
      const { webhookId } = await make({ url: `${address}/slow` });
      silent.push(webhookId);
      for (let message = 0; message < 4; message++) {
        await testWebhook(account.admin, { sectionId: account.sectionId, webhookId });
      }
    }
    const deliveries = new Deliveries();
    expect(await deliveries.start()).toBe(WEBHOOKS.atOnce);
    const { webhookId: good } = await make();
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId: good });
    expect(await deliveries.start()).toBe(0);
    for (const webhookId of silent.slice(0, 4)) {
      await deleteWebhook(account.admin, { sectionId: account.sectionId, webhookId });
    }
    await expect.poll(() => deliveries.start()).toBeGreaterThan(0);
    await expect.poll(async () => (await messages(good))[0]?.status).toBe('delivered');

    // The process stops: unanswered calls are aborted and sent again later.
    await deliveries.settle(10);
    const left = await rows<{ status: string }>(
      pool(),
      sql`select status from webhook_message where webhook_id = any(${silent}::int[])`,
    );
    expect(left.filter(({ status }) => status === 'waiting')).toHaveLength(40);
    await dueNow();
    expect(await deliveries.start()).toBe(10);
    await deliveries.settle(10);
  });

  it('does not get a message for ever if its outcome cannot be recorded', async () => {
    const { webhookId } = await make();
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId });
    await execute(pool(), sql`update webhook_message set attempts = ${RETRY_AFTER.length + 1}`);
    expect(await deliverDue()).toBe(1);
    expect(received).toEqual([]);
    expect(await messages(webhookId)).toMatchObject([
      { status: 'failed', lastError: expect.stringContaining('the maximum number of times') as string },
    ]);
  });

  it('that answers 410 is paused; resumed, it continues where it stopped', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const profileId = await makeProfile('di@example.com');
    const { webhookId } = await make();
    answer = { status: 410 };
    await tag(profileId, vip);
    await tell();
    expect(await getWebhook(pool(), account.sectionId, webhookId)).toMatchObject({
      pauseReason: expect.stringContaining('410') as string,
    });
    answer = { status: 200 };
    received = [];
    await tag(profileId, vip, false);
    await tell();
    expect(received).toEqual([]);
    await pauseWebhook(account.admin, { sectionId: account.sectionId, webhookId, paused: false });
    await tell();
    expect(parsed()).toMatchObject([{ type: 'tag.removed' }]);
  });

  it('of an API key receives changes through its keyspaces, and nothing once the key is revoked', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const profileId = await makeProfile('ed@example.com');
    const key = await createApiKey(account.admin, {
      ...{ name: 'Web shop', sections: 'all', keyspaces: [account.keyspaces.crm_id], canWrite: true, expiresAt: null },
    });
    if (!key.ok) throw new Error(key.refusal.message);
    const client: ClientActor = {
      kind: 'client',
      apiKeyId: key.value.id,
      accountId: account.accountId,
      name: 'Web shop',
      sections: 'all',
      keyspaces: [account.keyspaces.crm_id],
      canWrite: true,
      from: { ip: null, userAgent: null },
    };
    const refused = await createWebhook(client, {
      sectionId: account.sectionId,
      url: address,
      keyspaces: [account.keyspaces.email],
    });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect(
      await createWebhook({ ...client, canWrite: false }, { sectionId: account.sectionId, url: address }),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    const { webhookId } = await make({}, client);
    await tag(profileId, vip);
    await tell();
    expect(received).toEqual([]);
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId });
    await revokeApiKey(account.admin, { apiKeyId: key.value.id });
    await tell();
    expect(received).toEqual([]);
    expect(await getWebhook(pool(), account.sectionId, webhookId)).toMatchObject({
      pauseReason: expect.stringContaining('API key') as string,
    });
  });

  it('does not receive pending messages that it may no longer read', async () => {
    const { mobile } = account.keyspaces;
    const deny = (tagId: TagId, keyspaces: number[]) =>
      execute(
        pool(),
        sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
            select ${account.sectionId}::int, ${tagId}::int, unnest(${keyspaces}::int[]), false, true`,
      );
    const [secret, partly, open] = [
      await createTestTag(account.sectionId, 'Secret'),
      await createTestTag(account.sectionId, 'Partly'),
      await createTestTag(account.sectionId, 'Open'),
    ];
    const profileId = await makeProfile('eve@example.com', '46701234567');
    const { webhookId } = await make();
    for (const tagId of [secret, partly]) await tag(profileId, tagId);
    const bulk = await bulkTag(account.admin, {
      sectionId: account.sectionId,
      selection: { kind: 'ids', ids: [await makeProfile('bulk@example.com')] },
      apply: [secret, open],
      remove: [],
    });
    if (!bulk.ok) throw new Error(bulk.refusal.message);
    await runToEnd(account.sectionId, bulk.value.operationId);
    await makeMessages();
    await deny(secret, Object.values(account.keyspaces));
    await deny(partly, [mobile]);
    await tell();
    const byTag = Object.fromEntries(parsed().map(({ type, data }) => [type, data]));
    expect(received).toHaveLength(2);
    expect(byTag['tag.applied']).toMatchObject({
      tag_name: 'Partly',
      profile_keys: [{ profile_key: 'eve@example.com' }],
    });
    expect(byTag['tags.bulk_changed']).toMatchObject({
      summary: '“Open”: 1 applied',
      applied: 1,
      tags: [{ tag_name: 'Open' }],
    });
    const [given] = (await messages(webhookId)).filter(({ status }) => status === 'failed');
    expect(given).toMatchObject({ attempts: 1, lastError: expect.stringContaining('Allowed Operations') as string });
    expect(received.map(({ body }) => body).join()).not.toContain('Secret');
  });

  it('with the keyspace Export receives keys that find the profile', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const profileId = await makeProfile('ex@example.com');
    const { id } = await one<{ id: number }>(
      pool(),
      sql`select id from keyspace where account_id = ${account.accountId} and kind = 'export'`,
    );
    await make({ keyspaces: [id] });
    await make();
    await tag(profileId, vip);
    await tell();
    expect(parsed().map(({ data }) => data.profile_keys)).toEqual(
      expect.arrayContaining([
        [
          {
            keyspace_discriminator: 'com.apsis1.keyspaces.export',
            profile_key: exportKey(account.sectionId, profileId),
          },
        ],
        [{ keyspace_discriminator: 'com.apsis1.keyspaces.email', profile_key: 'ex@example.com' }],
      ]),
    );
  });

  it('has an encrypted secret that Admins can replace and marketers cannot', async () => {
    const { webhookId, secret } = await make();
    const { stored } = await one<{ stored: Buffer }>(pool(), sql`select secret as stored from webhook`);
    expect(stored.toString('latin1')).not.toContain(secret.slice(6, 20));
    const rotated = await rotateSecret(account.admin, { sectionId: account.sectionId, webhookId });
    if (!rotated.ok) throw new Error(rotated.refusal.message);
    await testWebhook(account.admin, { sectionId: account.sectionId, webhookId });
    await deliverDue();
    expect(() => new Webhook(secret).verify(received[0]!.body, received[0]!.headers)).toThrow();
    new Webhook(rotated.value.secret).verify(received[0]!.body, received[0]!.headers);
    for (const refused of [
      await createWebhook(account.marketer, { sectionId: account.sectionId, url: address }),
      await deleteWebhook(account.marketer, { sectionId: account.sectionId, webhookId }),
    ]) {
      expect(refused).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    }
  });

  it('forgets erased profiles', async () => {
    const vip = await createTestTag(account.sectionId, 'VIP');
    const profileId = await makeProfile('flo@example.com');
    const { webhookId } = await make();
    await tag(profileId, vip);
    await tell();
    await eraseProfile(account.admin, { sectionId: account.sectionId, profileId });
    expect(await messages(webhookId)).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    'http://127.0.0.1/x',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://10.1.2.3/',
    'http://192.168.0.1/',
    'http://172.16.9.9/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[::127.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[::7f00:1]/',
    'https://[::ffff:0:7f00:1]/',
    'https://[64:ff9b:1::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[::8.8.8.8]/',
    'https://[fec0::1]/',
    'http://example.com/',
    'http://93.184.215.14/',
    'ftp://example.com/',
    'javascript:alert(1)',
    'https://user:secret@example.com/',
    'example.com',
  ])('is refused: %s', async (url) => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '';
    expect(addressProblem(url)).not.toBeNull();
    const made = await createWebhook(account.admin, { sectionId: account.sectionId, url });
    expect(made).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'url' } });
  });

  it('whose name resolves to an internal address is not called', async () => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '';
    const inside = address.replace('127.0.0.1', 'localhost');
    const refused = { error: expect.stringContaining('private network') as string };
    expect(await post(inside.replace('http:', 'https:'), {}, '{}')).toMatchObject(refused);
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '10.0.0.0/8';
    expect(await post(inside, {}, '{}')).toMatchObject(refused);
    expect(received).toEqual([]);
  });

  it('inside may be called if the operator allows it, also by range; a redirect is not followed', async () => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '10.0.0.0/8, 127.0.0.0/8';
    expect(addressProblem('http://10.200.0.1/')).toBeNull();
    answer = { status: 302, headers: { location: 'http://169.254.169.254/' } };
    expect(await post(address, {}, '{}')).toMatchObject({ status: 302 });
    expect(received).toHaveLength(1);
  });
});
