// Merges, locks and events: over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import { importFile } from '@/testing/imports';
import { usesOfTag } from '@/lib/accounts/tag-use';
import { createEventType, setEventTypeHidden, updateEventType } from '@/lib/events/commands';
import type { EventTypeId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { profileTimeline } from '@/lib/people/timeline';
import {
  account,
  call,
  CRM,
  EMAIL,
  json,
  keyOf,
  makeKey,
  makeTag,
  profilePath,
  section,
  tagsPath,
  tokenOf,
  withApi,
} from '@/testing/api';
import { createTestSection } from '@/testing/fixtures';

withApi();

const patchTags = (key: string, body: object, keyspace = EMAIL) =>
  json(tagsPath(key, keyspace), 204, { method: 'PATCH', body });
const attributesPath = (key: string, keyspace = EMAIL) =>
  `/v2${profilePath(key, keyspace)}/sections/${section}/attributes`;
const setAttributes = (key: string, body: object, keyspace = EMAIL) =>
  json(attributesPath(key, keyspace).slice(3), 204, { method: 'PATCH', body });

async function profileOf(key: string): Promise<ProfileId | undefined> {
  const [found] = await rows<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${account.sectionId} and key = ${key}`,
  );
  return found?.id;
}

describe('one person', () => {
  const MOBILE = 'com.apsis1.keyspaces.mobile';

  it('is found by every spelling of the address', async () => {
    const [composed, decomposed] = ['þóra.åsa@example.com', 'þo\u0301ra.a\u030Asa@EXAMPLE.com'];
    await setAttributes(composed, { 'com.apsis1.attributes.firstname': 'Åsa' });
    await setAttributes(`\u200B${decomposed}`, { 'com.apsis1.attributes.lastname': 'A\u030Aberg' });
    expect(await json(attributesPath(decomposed))).toMatchObject({
      'com.apsis1.attributes.email': composed,
      'com.apsis1.attributes.firstname': 'Åsa',
      'com.apsis1.attributes.lastname': 'Åberg',
    });
  });

  it('is found by every spelling of the mobile number', async () => {
    await setAttributes('46701230012', { 'com.apsis1.attributes.firstname': 'Two' }, MOBILE);
    for (const spelling of ['46 70 123 00 12', '46-701230012', '0046701230012', '+46 (0)70-123 00 12']) {
      expect(await json(attributesPath(spelling, MOBILE))).toMatchObject({ 'com.apsis1.attributes.firstname': 'Two' });
    }
  });

  it('is one profile in a file with two spellings', async () => {
    const counts = await importFile(account, 'Email\nha.åsa@example.com\nha.a\u030Asa@example.com\n');
    expect(counts).toMatchObject({ created: 1, repeated: 1 });
  });
});

describe('a tag', () => {
  const create = (name: string) =>
    call(`/audience/sections/${section}/tags`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: { name },
    });

  it.each([
    ['Partner', 'Part\u00ADner'],
    ['Gold', 'Gold\uFE0F'],
  ])('%j is not created again as %j, which looks the same', async (name, twin) => {
    expect((await create(name)).status).toBe(201);
    expect((await create(twin)).status).toBe(409);
  });

  it.each(['👩‍💻 Developers', '👨‍👩‍👧 Family', 'می‌خواهم'])('may be named %s', async (name) => {
    const made = await create(name);
    expect({ status: made.status, name: ((await made.json()) as { name: string }).name }).toEqual({
      status: 201,
      name,
    });
  });
});

describe('a merge', () => {
  type Key = [keyspace: string, key: string];
  const merge = (profiles: Key[], status = 204, more: object = {}) =>
    json('/audience/profiles/merges', status, {
      method: 'PUT',
      body: { profiles: profiles.map(([keyspace, key]) => ({ keyspace_discriminator: keyspace, profile_key: key })) },
      ...more,
    });

  it('combines keys, tags, values, events and history of both', async () => {
    const [vip, lead] = [await makeTag('VIP'), await makeTag('Lead')];
    const [email, crm] = [keyOf('ann'), keyOf('1')];
    await patchTags(email, { [vip.discriminator]: true });
    await setAttributes(email, { 'com.apsis1.attributes.firstname': 'Ann' });
    await patchTags(crm, { [vip.discriminator]: true, [lead.discriminator]: true }, CRM);
    await setAttributes(
      crm,
      { 'com.apsis1.attributes.firstname': 'Anna', 'com.apsis1.attributes.lastname': 'Berg' },
      CRM,
    );
    await merge([
      [CRM, crm],
      [EMAIL, email],
    ]);
    expect(await profileOf(email)).toBe(await profileOf(crm));
    const both = { [vip.id]: true, [lead.id]: true };
    expect(await json(tagsPath(email))).toEqual(both);
    expect(await json(tagsPath(crm, CRM))).toEqual(both);
    expect(await json(attributesPath(email))).toMatchObject({
      'com.apsis1.attributes.firstname': 'Ann',
      'com.apsis1.attributes.lastname': 'Berg',
      'com.apsis1.attributes.crmid': crm,
    });
    const { items } = await profileTimeline(pool(), account.sectionId, (await profileOf(email))!);
    const sources = items.filter(({ about }) => about?.startsWith('Lead')).map(({ what, from }) => `${what} ${from}`);
    expect(sources.sort()).toEqual(['applied API: Web shop']);
    expect(items.filter(({ icon }) => icon === 'merged')).toMatchObject([{ from: 'API: Web shop' }]);
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select coalesce(sum(profiles), 0)::bigint as count from tag_count where tag_id = ${vip.id}`,
    );
    expect(count).toBe(1);
  });

  it('creates what is missing, and changes nothing when repeated', async () => {
    const [email, crm, mobile] = [keyOf('bo'), keyOf('2'), '46701234567'];
    await patchTags(email, {});
    const keys: Key[] = [
      [EMAIL, email],
      [CRM, crm],
      ['com.apsis1.keyspaces.mobile', mobile],
    ];
    await merge(keys);
    const id = await profileOf(email);
    expect(id).toBeDefined();
    expect([await profileOf(crm), await profileOf(mobile)]).toEqual([id, id]);
    await merge([...keys].reverse());
    expect(await profileOf(mobile)).toBe(id);
  });

  it('of people with different addresses is a conflict, and changes nothing', async () => {
    const [first, second, crm] = [keyOf('cy'), keyOf('di'), keyOf('3')];
    await patchTags(first, {});
    await setAttributes(crm, { 'com.apsis1.attributes.email': second }, CRM);
    const answer = await merge(
      [
        [EMAIL, first],
        [CRM, crm],
      ],
      409,
    );
    expect(answer).toMatchObject({ detail: expect.stringContaining('different keys in Email') as string });
    expect(await profileOf(first)).not.toBe(await profileOf(crm));
  });

  it('requested twice at once, in any order, leaves one profile', async () => {
    const vip = await makeTag('Twice');
    const keys = Array.from({ length: 8 }, (_, index) => ({ email: keyOf(`m${index}`), crm: keyOf(`c${index}`) }));
    for (const { email, crm } of keys) {
      await patchTags(email, { [vip.discriminator]: true });
      await patchTags(crm, { [vip.discriminator]: true }, CRM);
    }
    await Promise.all(
      keys.flatMap(({ email, crm }) => [
        merge([
          [EMAIL, email],
          [CRM, crm],
        ]),
        merge([
          [CRM, crm],
          [EMAIL, email],
        ]),
      ]),
    );
    for (const { email, crm } of keys) expect(await profileOf(email)).toBe(await profileOf(crm));
    const found = await one(
      pool(),
      sql`select (select count(*) from profile_tag where tag_id = ${vip.id}) as held,
                 (select sum(profiles)::bigint from tag_count where tag_id = ${vip.id}) as counted`,
    );
    expect(found).toEqual({ held: 8, counted: 8 });
  });

  it('is refused and counted if one of the keyspaces may not write a tag', async () => {
    const guarded = await makeTag('Guarded merge');
    const [email, crm] = [keyOf('guarded'), keyOf('g')];
    const keys: Key[] = [
      [EMAIL, email],
      [CRM, crm],
    ];
    await setAttributes(email, { 'com.apsis1.attributes.firstname': 'Older' });
    await patchTags(crm, { [guarded.discriminator]: true }, CRM);
    await execute(
      pool(),
      sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
          values (${account.sectionId}, ${guarded.id}, ${account.keyspaces.email}, true, false)`,
    );
    expect(await merge(keys, 403)).toMatchObject({ detail: expect.stringContaining('through Email') as string });
    expect(await profileOf(email)).not.toBe(await profileOf(crm));
    // The write through the other keyspace is noted from time to time: it may be there already.
    const uses = await usesOfTag(pool(), account.sectionId, guarded.id);
    expect(uses[0]).toMatchObject({ keyspace: 'Email', deniedWrites: 1 });
  });

  it('is refused for unknown keys, for unknown keyspaces and for a read-only key', async () => {
    await createTestSection(account.accountId, `Another ${keyOf('s')}`);
    const unknown: Key[] = [
      [EMAIL, keyOf('nobody')],
      [CRM, keyOf('nobody')],
    ];
    await merge(unknown, 404);
    await merge([['none', 'x'], unknown[0]!], 404);
    await merge([unknown[0]!], 400);
    await merge(unknown, 403, { as: await tokenOf(await makeKey({ canWrite: false })) });
  });
});

describe('a lock', () => {
  it('removes the person permanently, on every path', async () => {
    const vip = await makeTag('Locked');
    const [email, crm] = [keyOf('gone'), keyOf('9')];
    await patchTags(email, { [vip.discriminator]: true });
    await setAttributes(email, { 'com.apsis1.attributes.crmid': crm });
    await json(`${profilePath(email)}/locks`, 204, { method: 'PUT' });
    expect(await profileOf(email)).toBeUndefined();
    await json(tagsPath(email), 404);
    await json(tagsPath(email), 410, { method: 'PATCH', body: { [vip.discriminator]: true } });
    await json(tagsPath(crm, CRM), 410, { method: 'PATCH', body: { [vip.discriminator]: true } });
    const set = await json<{ items: { status: number }[] }>(
      `/audience/keyspaces/${EMAIL}/sections/${section}/profiles/tags`,
      207,
      { method: 'POST', body: { items: [{ profile_key: email, tag: vip.discriminator, apply: true }] } },
    );
    expect(set.items).toMatchObject([{ status: 410 }]);
    await json('/audience/profiles/merges', 410, {
      method: 'PUT',
      body: {
        profiles: [
          { keyspace_discriminator: EMAIL, profile_key: email },
          { keyspace_discriminator: CRM, profile_key: keyOf('other') },
        ],
      },
    });
    const keys = [{ keyspaceId: account.keyspaces.email, key: email }];
    const byHand = await createProfile(account.admin, { sectionId: account.sectionId, keys, attributes: {} });
    expect(byHand).toMatchObject({ ok: false, refusal: { code: 'locked' } });
    const imported = await importFile(account, `Email\n${email}\n${keyOf('kept')}\n`);
    expect(imported).toMatchObject({ created: 1, rejected: 1 });
    const kept = await rows(pool(), sql`select encode(key_hash, 'escape') as hash from locked_key`);
    expect(JSON.stringify(kept)).not.toContain(email);
  });

  it('of an unused key prevents its use', async () => {
    const email = keyOf('never');
    for (let again = 0; again < 2; again++) await json(`${profilePath(email)}/locks`, 204, { method: 'PUT' });
    await json(`/audience/keyspaces/${EMAIL}/sections/${section}/profiles`, 410, {
      method: 'POST',
      body: { profile_key: email },
    });
  });
});

it('an erasure repeated with its Idempotency-Key reaches every section once', async () => {
  const other = await createTestSection(account.accountId, `Erased ${keyOf('s')}`);
  const key = keyOf('erased');
  await patchTags(key, {});
  const keys = [{ keyspaceId: account.keyspaces.email, key }];
  await createProfile(account.admin, { sectionId: other, keys, attributes: {} });
  const headers = { 'idempotency-key': key };
  for (let again = 0; again < 2; again++) await json(profilePath(key), 204, { method: 'DELETE', headers });
  expect(await rows(pool(), sql`select from profile_key where key = ${key}`)).toEqual([]);
});

describe('events', () => {
  const path = (key: string) => `${profilePath(key)}/sections/${section}/events`;
  const add = (key: string, items: object[], status = 204) =>
    json<{ detail: string; pointer: string }>(path(key), status, { method: 'POST', body: { items } });
  const versions = async (name: string) =>
    (
      await json<{ items: { name: string; versions: { id: string; deprecated_at: string | null }[] }[] }>(
        `/audience/sections/${section}/events`,
      )
    ).items.find((event) => event.name === name)?.versions;
  let eventTypeId: EventTypeId;
  let version: string;
  const fields = [
    { code: 'order_value', name: 'Order value', type: 'number' },
    { code: 'paid', name: 'Paid', type: 'boolean' },
    { code: 'day', name: 'Day', type: 'date' },
  ];

  beforeAll(async () => {
    const made = await createEventType(account.admin, { sectionId: account.sectionId, name: 'Bought', fields });
    if (!made.ok) throw new Error(made.refusal.message);
    eventTypeId = made.value.id;
    version = (await versions('Bought'))![0]!.id;
  });

  it('are added to a profile, and appear in its timeline', async () => {
    const key = keyOf('buyer');
    const data = { order_value: 12.5, paid: true, day: '2026-02-28' };
    await add(key, [{ event_time: '2026-03-01T10:00:00+01:00', version_id: version, data }, { version_id: version }]);
    const { items } = await json<{ items: object[] }>(path(key));
    expect(items).toHaveLength(2);
    expect(items[1]).toEqual({ event_time: '2026-03-01T09:00:00.000Z', version_id: version, data });
    const timeline = await profileTimeline(pool(), account.sectionId, (await profileOf(key))!, { only: 'events' });
    expect(timeline.items).toMatchObject([
      { icon: 'event', about: 'Bought' },
      {
        about: 'Bought',
        details: [{ after: '12.5' }, { after: 'Yes' }, { after: '28 Feb 2026' }],
        from: 'API: Web shop',
      },
    ]);
  });

  it('are all refused if one is invalid, and the answer says which', async () => {
    const key = keyOf('wrong');
    for (const [item, status, words] of [
      [{ version_id: version, data: { order_value: 'much' } }, 400, 'takes a number'],
      [{ version_id: version, data: { day: '2026-02-30' } }, 400, 'takes a date'],
      [{ version_id: version, data: { colour: 'red' } }, 400, 'no field “colour”'],
      [{ version_id: '99999', data: {} }, 404, 'no event'],
      [{ version_id: version, event_time: '2999-01-01T00:00:00Z' }, 400, 'future'],
      [{ version_id: version, event_time: 'soon' }, 400, ''],
    ] as const) {
      const { detail, pointer } = await add(key, [{ version_id: version, data: {} }, item], status);
      expect(detail).toContain(words);
      expect(pointer).toContain('items.1');
    }
    await json(path(key), 404);
  });

  it('of an older version are accepted; of a hidden event none are', async () => {
    const key = keyOf('older');
    const more = [...fields, { code: 'coupon', name: 'Coupon', type: 'text' }];
    const edit = { sectionId: account.sectionId, eventTypeId, name: 'Bought', description: '', fields: more };
    await updateEventType(account.admin, edit);
    await updateEventType(account.admin, { ...edit, description: 'In the web shop' });
    const both = (await versions('Bought'))!;
    expect(both.map(({ deprecated_at: ended }) => ended === null)).toEqual([true, false]);
    await add(key, [
      { version_id: both[0]!.id, data: { coupon: 'X' } },
      { version_id: both[1]!.id, data: { paid: false } },
    ]);
    expect(await updateEventType(account.marketer, edit)).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    await setEventTypeHidden(account.admin, { sectionId: account.sectionId, eventTypeId, hidden: true });
    await add(key, [{ version_id: both[0]!.id }], 404);
    expect((await json<{ items: object[] }>(path(key))).items).toEqual([]);
    expect(await versions('Bought')).toBeUndefined();
  });
});

describe('consents', () => {
  const path = (key: string) => `/v2${profilePath(key)}/sections/${section}/consents`;
  const channel = 'com.apsis1.channels.email';
  type Items = { items: { type: string; discriminator: string }[] };
  const set = (key: string, topic: string, type: string, status: number) =>
    json(path(key), status, {
      method: 'POST',
      body: { topic_discriminator: topic, channel_discriminator: channel, type, source: 'Web shop' },
    });

  it('are new, changed or unchanged; they can be read by type, and appear in the history', async () => {
    const name = `Newsletter ${keyOf('t')}`;
    const topics = `/v2/audience/sections/${section}/topics`;
    const topic = await json<{ discriminator: string }>(topics, 201, { method: 'POST', body: { name } });
    await json(topics, 409, { method: 'POST', body: { name } });
    expect((await json<Items>(topics)).items).toContainEqual({ discriminator: topic.discriminator, name });
    const { items: lists } = await json<Items>(`/audience/sections/${section}/consent-lists`);
    const old = `/audience/sections/${section}/consent-lists/${lists[0]!.discriminator}/topics`;
    expect(await json(old)).toEqual(await json(topics));

    const key = keyOf('consent');
    await set(key, topic.discriminator, 'opt-in', 404);
    await setAttributes(key, { 'com.apsis1.attributes.firstname': 'Con' });
    await set(key, topic.discriminator, 'pending-opt-in', 201);
    await set(key, topic.discriminator, 'confirmed-opt-in', 204);
    await set(key, topic.discriminator, 'confirmed-opt-in', 409);
    await set(key, 'none', 'opt-in', 404);
    await set(key, topic.discriminator, 'maybe', 400);
    expect((await json<Items>(path(key))).items).toMatchObject([
      { topic_discriminator: topic.discriminator, channel_discriminator: channel, type: 'confirmed-opt-in' },
    ]);
    expect((await json<Items>(`${path(key)}?consent_types=opt-out,opt-in`)).items).toEqual([]);
    const { items } = await profileTimeline(pool(), account.sectionId, (await profileOf(key))!, { only: 'consents' });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      about: name,
      what: 'by email: opted in, confirmed',
      details: [
        { name: 'Before', after: 'not confirmed yet' },
        { name: 'Given at', after: 'Web shop' },
      ],
    });
  });
});
