// The API over HTTP, against the real process.
import { describe, expect, inject, it } from 'vitest';
import pg from 'pg';
import { sign } from 'hono/jwt';
import { revokeApiKey } from '@/lib/accounts/api-keys';
import { usesOfTag } from '@/lib/accounts/tag-use';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import {
  account,
  call,
  CRM,
  EMAIL,
  keyOf,
  makeKey,
  makeTag,
  patchTags,
  problemOf,
  profilePath,
  SECRET,
  section,
  server,
  tagsPath,
  token,
  tokenOf,
  withApi,
} from '@/testing/api';
import { createTestAccount } from '@/testing/fixtures';
import { spawnTagwell } from '@/testing/process';

withApi();

describe('a token', () => {
  const ask = (body: string, headers: Record<string, string>) =>
    fetch(`${server.address}/oauth/token`, { method: 'POST', headers, body });

  it('is issued for JSON, form and Basic requests', async () => {
    const { clientId, secret } = await makeKey();
    const json = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const answers = await Promise.all([
      ask(JSON.stringify(json), { 'content-type': 'application/json' }),
      ask(new URLSearchParams(json).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
      ask('grant_type=client_credentials', {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${basic}`,
      }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    }
  });

  it.each([
    ['another secret', { client_secret: 'wrong' }, 401],
    ['an unknown client', { client_id: 'nobody' }, 401],
    ['another grant', { grant_type: 'password' }, 400],
    ['no secret', { client_secret: undefined }, 400],
    ['odd types', { client_id: { $ne: '' } }, 400],
  ])('is not issued for %s', async (_what, change, status) => {
    const { clientId, secret } = await makeKey();
    const body = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, ...change };
    const answer = await ask(JSON.stringify(body), { 'content-type': 'application/json' });
    expect(answer.status).toBe(status);
    await problemOf(answer);
  });

  it('is limited to ten requests a minute', async () => {
    const other = await createTestAccount();
    const { clientId, secret } = await makeKey({}, other);
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
    const answers = [];
    for (let count = 0; count < 24; count++) answers.push(await ask(body, { 'content-type': 'application/json' }));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(Number(limited[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('that is forged, expired, revoked or missing is refused with the messages that clients expect', async () => {
    const revoked = await makeKey();
    const revokedToken = await tokenOf(revoked);
    expect((await call('/audience/keyspaces', { as: revokedToken })).status).toBe(200);
    await revokeApiKey(account.admin, { apiKeyId: revoked.id });
    const expired = await sign({ sub: String(revoked.id), exp: 1_000 }, `api:${SECRET}`, 'HS256');
    const forged = await sign({ sub: '1', exp: 9_999_999_999 }, 'guessed', 'HS256');
    for (const as of [revokedToken, expired, forged, 'none', `${token}x`]) {
      const answer = await call('/audience/keyspaces', { as });
      expect(answer.status).toBe(403);
      const { message } = await problemOf(answer);
      expect(message).toBe('User is not authorized to access this resource with an explicit deny');
    }
  });
});

it('a revoked or expired key cannot change anything from that moment on', async () => {
  const { id, discriminator } = await makeTag('Revoked');
  for (const end of ['revoked_at = now()', "expires_at = now() - interval '1 second'"]) {
    const key = await makeKey();
    const as = await tokenOf(key);
    const email = keyOf('revoked');
    expect((await patchTags(email, { [discriminator]: true }, { as })).status).toBe(204);
    await pool().query(`update api_key set ${end} where id = ${key.id}`);
    for (const [who, change] of [
      [email, { [discriminator]: null }],
      [keyOf('new'), { [discriminator]: true }],
    ] as const) {
      const answer = await patchTags(who, change, { as });
      expect(answer.status).toBe(403);
      expect((await problemOf(answer)).message).toContain('explicit deny');
    }
    expect(await (await call(tagsPath(email))).json()).toEqual({ [id]: true });
  }
});

describe('definitions', () => {
  it('are limited to those that the key may use', async () => {
    const limited = await tokenOf(
      await makeKey({ keyspaces: [account.keyspaces.email], sections: [account.sectionId] }),
    );
    const read = async (path: string) => (await (await call(path, { as: limited })).json()) as { items: unknown[] };
    expect((await read('/audience/keyspaces')).items).toEqual([
      { discriminator: EMAIL, name: 'Email', manage_subscriptions: true },
    ]);
    expect((await read('/audience/sections')).items).toMatchObject([{ discriminator: section }]);
    expect((await call(tagsPath('1', CRM), { as: limited })).status).toBe(404);
  });

  it('of tags have a version, and Allowed Operations on request', async () => {
    const { discriminator, id } = await makeTag('Defined');
    const path = `/audience/sections/${section}/tags`;
    const find = async (query: string) =>
      ((await (await call(path + query)).json()) as { items: { discriminator: string }[] }).items.find(
        (tag) => tag.discriminator === discriminator,
      );
    expect(await find('')).toEqual(
      expect.objectContaining({ discriminator, versions: [{ id: String(id), deprecated_at: null }] }),
    );
    expect(await find('')).not.toHaveProperty('keyspace_permissions');
    expect(await find('?include_keyspace_permissions=true')).toMatchObject({
      keyspace_permissions: expect.arrayContaining([
        { keyspace_discriminator: EMAIL, read: true, write: true },
      ]) as unknown,
    });
  });

  it('of attributes keep hidden ones as deprecated', async () => {
    const { items } = (await (await call(`/audience/sections/${section}/attributes`)).json()) as {
      items: { discriminator: string; versions: unknown[] }[];
    };
    expect(items.find(({ discriminator }) => discriminator === 'com.apsis1.attributes.firstname')).toMatchObject({
      versions: [{ deprecated_at: null }],
    });
  });

  it('of a tag can be created', async () => {
    const name = `Made ${Math.random().toString(36).slice(2, 8)}`;
    const make = () => call(`/audience/sections/${section}/tags`, { method: 'POST', body: { name } });
    const first = await make();
    expect(first.status).toBe(201);
    expect(await first.json()).toMatchObject({
      name,
      discriminator: expect.stringContaining('usercreated.tags.made') as string,
    });
    expect((await make()).status).toBe(409);
  });

  it('of a tag have its colour and group, also when it is created; a group may come from the name', async () => {
    const path = `/audience/sections/${section}/tags`;
    const make = (body: object) => call(path, { method: 'POST', body });
    const look = { description: 'Agreed by post', colour: 'red', group: 'Consent' };
    expect(await (await make({ name: 'Never write', ...look })).json()).toMatchObject(look);
    expect(await (await make({ name: 'Lime: partner', colour: null })).json()).toMatchObject({
      description: '',
      colour: null,
      group: 'Lime',
    });
    const { items } = (await (await call(path)).json()) as { items: { name: string }[] };
    expect(items.find(({ name }) => name === 'Never write')).toMatchObject(look);
    for (const wrong of [{ colour: 'beige' }, { group: 'x'.repeat(51) }]) {
      expect((await make({ name: 'Wrong', ...wrong })).status).toBe(400);
    }
  });
});

describe('tags of a profile', () => {
  it('are applied and removed; an unknown key creates one profile, however it is spelled', async () => {
    const [vip, lead] = [await makeTag('VIP'), await makeTag('Lead')];
    const key = keyOf('Ann');
    const first = await patchTags(key.toUpperCase(), { [vip.discriminator]: true, [String(lead.id)]: true });
    expect(first.status).toBe(204);
    expect(await first.text()).toBe('');
    expect(await (await call(tagsPath(` ${key}`))).json()).toEqual({ [vip.id]: true, [lead.id]: true });
    expect((await patchTags(key, { [lead.discriminator]: null })).status).toBe(204);
    expect(await (await call(tagsPath(key))).json()).toEqual({ [vip.id]: true });
    const detailed = await call(tagsPath(key), { headers: { accept: 'application/vnd.tagwell+json' } });
    expect(await detailed.json()).toMatchObject({
      items: [{ discriminator: vip.discriminator, source: 'API', applied_at: expect.any(String) as string }],
    });
    const { profiles } = await one<{ profiles: number }>(
      pool(),
      sql`select count(*) as profiles from profile_key where key = ${key.toLowerCase()}`,
    );
    expect(profiles).toBe(1);
    const entries = await rows(
      pool(),
      sql`select source, api_key_id is not null as named from tag_change where tag_id = ${lead.id} order by id`,
    );
    expect(entries).toEqual([
      { source: 7, named: true },
      { source: 7, named: true },
    ]);
  });

  it('one at a time: the same answer whether or not the profile had the tag', async () => {
    const { discriminator, id } = await makeTag('One');
    const path = `${tagsPath(keyOf('bo'))}/${discriminator}`;
    for (const method of ['DELETE', 'PUT', 'PUT', 'DELETE', 'DELETE']) {
      expect((await call(path, { method })).status).toBe(204);
    }
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select count(*) as count from tag_change where tag_id = ${id}`,
    );
    expect(count).toBe(2);
  });

  it('are changed all or none: an unknown tag changes nothing, and is named', async () => {
    const { discriminator } = await makeTag('Known');
    const key = keyOf('cy');
    const answer = await patchTags(key, { [discriminator]: true, 'usercreated.tags.none-0000000000': true });
    expect(answer.status).toBe(404);
    expect((await problemOf(answer)).detail).toContain('usercreated.tags.none-0000000000');
    expect((await call(tagsPath(key))).status).toBe(404);
  });

  it('a hidden tag does not exist; the name of a merged tag still works', async () => {
    const [hiddenTag, old, kept] = [await makeTag('Gone'), await makeTag('Old'), await makeTag('Kept')];
    const key = keyOf('di');
    await patchTags(key, { [hiddenTag.discriminator]: true });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${hiddenTag.id}`);
    expect(await (await call(tagsPath(key))).json()).toEqual({});
    expect((await patchTags(key, { [hiddenTag.discriminator]: true })).status).toBe(404);
    await execute(pool(), sql`update tag set hidden_at = now(), merged_into = ${kept.id} where id = ${old.id}`);
    expect((await patchTags(key, { [old.discriminator]: true })).status).toBe(204);
    expect(await (await call(tagsPath(key))).json()).toEqual({ [kept.id]: true });
  });

  it('obey Allowed Operations, and refusals are counted', async () => {
    const { id, discriminator } = await makeTag('Guarded');
    const key = keyOf('ed');
    await patchTags(key, { [discriminator]: true });
    await execute(
      pool(),
      sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
          values (${account.sectionId}, ${id}, ${account.keyspaces.email}, false, false)`,
    );
    const answer = await patchTags(key, { [discriminator]: null });
    expect(answer.status).toBe(403);
    expect((await problemOf(answer)).detail).toContain('may not be written through Email');
    expect(await (await call(tagsPath(key))).json()).toEqual({});
    const byCrmId = await call(tagsPath('42', CRM), { method: 'PATCH', body: { [discriminator]: true } });
    expect(byCrmId.status).toBe(204);
    expect(await usesOfTag(pool(), account.sectionId, id)).toContainEqual(
      expect.objectContaining({ apiKey: 'Web shop', keyspace: 'Email', deniedWrites: 1, deniedReads: 0 }),
    );
  });

  it('forty concurrent writes with one new key create one profile', async () => {
    const { id, discriminator } = await makeTag('Race');
    const key = keyOf('flo');
    const answers = await Promise.all(Array.from({ length: 40 }, () => patchTags(key, { [discriminator]: true })));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(40).fill(204));
    const found = await one(
      pool(),
      sql`select
        (select count(*) from profile_key where key = ${key}) as keys,
        (select count(*) from tag_change where tag_id = ${id}) as changes`,
    );
    expect(found).toEqual({ keys: 1, changes: 1 });
  });

  it.each([['a+b@x.se'], ['ö@exämple.se'], ["o'neil%40@x.se"]])('can be set by the key %s', async (key) => {
    const { discriminator, id } = await makeTag('Odd');
    expect((await patchTags(key, { [discriminator]: true })).status).toBe(204);
    expect(await (await call(tagsPath(key))).json()).toEqual({ [id]: true });
  });

  it('can be set by a CRM ID with slashes and characters of any script', async () => {
    const { discriminator, id } = await makeTag('Crm');
    for (const key of ['a/b?c#d', '顧客 🙂', '%2F']) {
      expect((await call(tagsPath(key, CRM), { method: 'PATCH', body: { [discriminator]: true } })).status).toBe(204);
      expect(await (await call(tagsPath(key, CRM))).json()).toEqual({ [id]: true });
    }
  });
});

describe('profiles', () => {
  it('are created once, with their keyspace’s attribute', async () => {
    const key = keyOf('gus');
    const create = () =>
      call(`/audience/keyspaces/${EMAIL}/sections/${section}/profiles`, { method: 'POST', body: { profile_key: key } });
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
    const values = await call(`/v2${profilePath(key)}/sections/${section}/attributes`);
    expect(await values.json()).toEqual({ 'com.apsis1.attributes.email': key });
  });

  it('have attributes set and cleared: v1 creates a profile, v2 does not', async () => {
    const key = keyOf('ida');
    const path = `${profilePath(key)}/sections/${section}/attributes`;
    const names = { 'com.apsis1.attributes.firstname': 'Ida', 'com.apsis1.attributes.birthdate': '1980-02-29' };
    expect((await call(`/v2${path}`, { method: 'PATCH', body: names })).status).toBe(404);
    expect((await call(path, { method: 'PATCH', body: names })).status).toBe(204);
    expect(await (await call(`/v2${path}`)).json()).toMatchObject(names);
    const byVersion = (await (await call(path)).json()) as Record<string, unknown>;
    const version = Object.keys(byVersion).find((id) => byVersion[id] === 'Ida')!;
    expect((await call(`${path}/${version}`, { method: 'DELETE' })).status).toBe(204);
    expect(await (await call(`/v2${path}`)).json()).not.toHaveProperty(['com.apsis1.attributes.firstname']);
    const wrong = await call(path, { method: 'PATCH', body: { 'com.apsis1.attributes.birthdate': 'soon' } });
    expect(wrong.status).toBe(400);
    expect((await problemOf(wrong)).detail).toContain('a date such as');
  });

  it('get a new key through its attribute, unless it is taken', async () => {
    const [key, other] = [keyOf('jo'), keyOf('kim')];
    const set = (crm: string, email: string) =>
      call(`${profilePath(crm, CRM)}/sections/${section}/attributes`, {
        method: 'PATCH',
        body: { 'com.apsis1.attributes.email': email },
      });
    expect((await set(`1-${key}`, key)).status).toBe(204);
    expect((await set(`2-${key}`, other)).status).toBe(204);
    expect((await set(`2-${key}`, key)).status).toBe(409);
    expect((await call(tagsPath(key))).status).toBe(200);
  });

  it('are deleted permanently', async () => {
    const { discriminator } = await makeTag('Gone');
    const key = keyOf('lo');
    await patchTags(key, { [discriminator]: true });
    expect((await call(profilePath(key), { method: 'DELETE' })).status).toBe(204);
    expect((await call(profilePath(key), { method: 'DELETE' })).status).toBe(404);
    expect((await call(tagsPath(key))).status).toBe(404);
  });
});

describe('an invalid call', () => {
  it.each([
    ['malformed JSON', '{"a":', {}, 400],
    ['not an object', '[1,2]', {}, 400],
    ['a wrong type', '{"x":"yes"}', {}, 400],
    ['deep nesting', `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`, {}, 400],
    ['another content type', 'x=1', { 'content-type': 'text/plain' }, 400],
    ['more than 100 kB', JSON.stringify({ x: 'y'.repeat(120_000) }), {}, 413],
  ])('is refused: %s', async (_what, body, headers, status) => {
    const answer = await call(tagsPath('a@x.se'), { method: 'PATCH', body, headers });
    expect(answer.status).toBe(status);
    await problemOf(answer);
  });

  it('may be chunked without a length, up to the limit', async () => {
    const { discriminator } = await makeTag('Pieces');
    const inPieces = (text: string) =>
      fetch(`${server.address}${tagsPath(keyOf('pieces'))}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: new Blob([text]).stream(),
        duplex: 'half',
      } as RequestInit);
    expect((await inPieces(JSON.stringify({ [discriminator]: true }))).status).toBe(204);
    const large = await inPieces(JSON.stringify({ x: 'y'.repeat(300_000) }));
    expect(large.status).toBe(413);
    await problemOf(large);
  });

  it.each([
    ['not an address', 'not-an-address', 400],
    ['a line break', 'a@x.se\nBcc: b@x.se', 400],
    ['a NUL', 'a\u0000@x.se', 400],
    ['endless', `${'a'.repeat(2_000)}@x.se`, 400],
  ])('is refused for an invalid key: %s', async (_what, key, status) => {
    const answer = await patchTags(key, {});
    expect(answer.status).toBe(status);
    await problemOf(answer);
  });

  it('names what is missing or in another account', async () => {
    const other = await createTestAccount();
    const theirs = await one<{ discriminator: string }>(
      pool(),
      sql`select discriminator from section where id = ${other.sectionId}`,
    );
    for (const path of [
      `/audience/sections/${theirs.discriminator}/tags`,
      '/audience/sections/none/tags',
      `/audience/keyspaces/none/profiles/a%40x.se/sections/${section}/tags`,
      '/audience/nothing',
    ]) {
      const answer = await call(path);
      expect(answer.status).toBe(404);
      await problemOf(answer);
    }
  });

  it('is refused if a read-only key writes', async () => {
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    const { discriminator } = await makeTag('Read only');
    const key = keyOf('mia');
    await patchTags(key, { [discriminator]: true });
    for (const [path, method, body] of [
      [tagsPath(key), 'PATCH', { [discriminator]: null }],
      [`${tagsPath(key)}/${discriminator}`, 'PUT', undefined],
      [`${tagsPath(key)}/${discriminator}`, 'DELETE', undefined],
      [profilePath(key), 'DELETE', undefined],
      [`${profilePath(key)}/sections/${section}/attributes`, 'PATCH', { 'com.apsis1.attributes.firstname': 'X' }],
      [`/audience/keyspaces/${EMAIL}/sections/${section}/profiles`, 'POST', { profile_key: keyOf('new') }],
      [`/audience/sections/${section}/tags`, 'POST', { name: 'No' }],
    ] as const) {
      const answer = await call(path, { method, body, as: reader });
      expect(answer.status).toBe(403);
      expect((await problemOf(answer)).detail).toContain('may only read');
    }
    expect((await call(tagsPath(key), { as: reader })).status).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  it('has one effect, and is refused for another call', async () => {
    const name = `Once ${Math.random().toString(36).slice(2, 8)}`;
    const make = (body: object) =>
      call(`/audience/sections/${section}/tags`, { method: 'POST', body, headers: { 'idempotency-key': name } });
    const [first, second] = [await make({ name }), await make({ name })];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
    const other = await make({ name: `${name} more` });
    expect(other.status).toBe(409);
    expect((await problemOf(other)).detail).toContain('Idempotency-Key');
  });
});

it('limits the calls of an account, and says when to retry', async () => {
  const limited = await spawnTagwell({
    DATABASE_URL: process.env.DATABASE_URL!,
    TAGWELL_SECRET: SECRET,
    TAGWELL_ROLE: 'api',
    TAGWELL_API_CALLS_PER_SECOND: '20',
  });
  try {
    const ask = () => fetch(`${limited.address}/audience/keyspaces`, { headers: { authorization: `Bearer ${token}` } });
    // Exactly the limit, all at once: none is refused.
    await new Promise((resolve) => setTimeout(resolve, 1_050 - (Date.now() % 1_000)));
    const within = await Promise.all(Array.from({ length: 20 }, ask));
    expect(within.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
    const left = within.map((answer) => Number(/r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]));
    expect(Math.max(...left)).toBe(19);
    const answers = await Promise.all(Array.from({ length: 200 }, ask));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused[0]!.headers.get('ratelimit-policy')).toBe('"account";q=20;w=1');
    await problemOf(refused[0]!);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await ask()).status).toBe(200);
  } finally {
    await limited.stop();
  }
});

it('limits an account across all processes', async () => {
  const settings = {
    DATABASE_URL: process.env.DATABASE_URL!,
    TAGWELL_SECRET: SECRET,
    TAGWELL_ROLE: 'api',
    TAGWELL_API_CALLS_PER_SECOND: '30',
  };
  const both = await Promise.all([spawnTagwell(settings), spawnTagwell(settings)]);
  try {
    const own = await createTestAccount();
    const as = await tokenOf(await makeKey({}, own));
    await new Promise((resolve) => setTimeout(resolve, 1_050 - (Date.now() % 1_000)));
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        fetch(`${both[index % 2]!.address}/audience/keyspaces`, { headers: { authorization: `Bearer ${as}` } }),
      ),
    );
    const taken = await one<{ taken: number }>(
      pool(),
      sql`select max(taken) as taken from api_rate where account_id = ${own.accountId} and bucket = 'calls'`,
    );
    expect(taken.taken).toBeGreaterThanOrEqual(30);
    const passed = answers.filter(({ status }) => status === 200).length;
    const { windows } = await one<{ windows: number }>(
      pool(),
      sql`select count(*) as windows from api_rate where account_id = ${own.accountId} and bucket = 'calls'`,
    );
    expect(passed).toBeLessThanOrEqual(30 * windows);
  } finally {
    await Promise.all(both.map(({ stop }) => stop()));
  }
});

it('answers 503 while the database is down, and recovers', async () => {
  const database = new URL(process.env.DATABASE_URL!).pathname.slice(1);
  const admin = new pg.Client({ connectionString: `${inject('serverUrl')}postgres` });
  await admin.connect();
  try {
    await admin.query(`alter database ${database} with allow_connections false`);
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
    const until = Date.now() + 5_000;
    while (Date.now() < until) {
      const answer = await call('/audience/keyspaces');
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      await problemOf(answer);
    }
  } finally {
    await admin.query(`alter database ${database} with allow_connections true`);
    await admin.end();
  }
  expect((await call('/audience/keyspaces')).status).toBe(200);
});

it('serves its document, in which every reference exists', async () => {
  const document = (await (await fetch(`${server.address}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toContain('/oauth/token');
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(operations.length).toBeGreaterThan(15);
  const text = JSON.stringify(document);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(text).toContain(`"${name}":`);
});
