// What an API key may see and change, and that it learns nothing indirectly: over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import { revokeApiKey } from '@/lib/accounts/api-keys';
import type { AttributeId, KeyspaceId, OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { unavailableReason } from '@/lib/db/condition';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import {
  account,
  call,
  CRM,
  EMAIL,
  json,
  keyOf,
  makeKey,
  makeTag,
  patchTags,
  profilePath,
  section,
  tagsPath,
  tokenOf,
  withApi,
} from '@/testing/api';
import { runToEnd } from '@/testing/fixtures';
import type { RuleNode } from '@/lib/segments/schema';
import { hasKey, hasTag, makeSegment, onAttribute, tagProfiles } from '@/testing/segments';

withApi();

const attributes = (key: string, keyspace = EMAIL) => `${profilePath(key, keyspace)}/sections/${section}/attributes`;
const ofSystem = (code: string) => `com.apsis1.attributes.${code}`;
const newMobile = () => `4670${Math.floor(1_000_000 + Math.random() * 9_000_000)}`;
const MOBILE = 'com.apsis1.keyspaces.mobile';

async function deny(tagId: TagId, { read = true, write = true }, keyspaces = Object.values(account.keyspaces)) {
  await execute(
    pool(),
    sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        select ${account.sectionId}::int, ${tagId}::int, unnest(${keyspaces}::int[]), ${!read}::boolean, ${!write}::boolean
        on conflict (section_id, tag_id, keyspace_id) do update set can_read = excluded.can_read, can_write = excluded.can_write`,
  );
}

async function makePerson(
  more: Partial<Record<'email' | 'mobile' | 'crm_id', string>>,
  name?: string,
): Promise<ProfileId> {
  const keys = Object.entries(more).map(([kind, key]) => ({
    keyspaceId: account.keyspaces[kind as keyof typeof account.keyspaces],
    key,
  }));
  const made = await createProfile(account.admin, {
    sectionId: account.sectionId,
    keys,
    attributes: name ? { firstname: name, lastname: 'Lindqvist' } : {},
  });
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value.id;
}

async function saveSegment(rule: RuleNode): Promise<{ discriminator: string }> {
  const id = await makeSegment(account.admin, account.sectionId, rule);
  return one(pool(), sql`select discriminator from segment where section_id = ${account.sectionId} and id = ${id}`);
}

describe('a key limited to one keyspace', () => {
  let limited: string;
  beforeAll(async () => {
    limited = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.mobile] }));
  });

  it('cannot read or write keys of other keyspaces through their attributes, or learn who has them', async () => {
    const [mobile, email, taken] = [newMobile(), keyOf('henrik'), keyOf('taken')];
    await makePerson({ email, mobile, crm_id: `C-${mobile}` }, 'Henrik');
    await makePerson({ email: taken }, 'Astrid');
    const path = attributes(mobile, MOBILE);
    expect(await json(`/v2${path}`, 200, { as: limited })).toEqual({
      [ofSystem('firstname')]: 'Henrik',
      [ofSystem('lastname')]: 'Lindqvist',
      [ofSystem('mobile')]: mobile,
    });
    for (const values of [
      { [ofSystem('email')]: taken },
      { [ofSystem('email')]: keyOf('free') },
      { [ofSystem('email')]: null },
      { [ofSystem('crmid')]: 'C-1' },
    ]) {
      const { detail } = await json<{ detail: string }>(path, 403, { method: 'PATCH', body: values, as: limited });
      expect(detail).toContain('which this API key may not use');
      expect(detail).not.toMatch(/Astrid|Henrik|@/);
    }
    await json(`${path}/${ofSystem('email')}`, 403, { method: 'DELETE', as: limited });
    await json(path, 204, { method: 'PATCH', body: { [ofSystem('firstname')]: 'Rik' }, as: limited });
    expect(await json(`/v2${attributes(email)}`)).toMatchObject({
      [ofSystem('email')]: email,
      [ofSystem('firstname')]: 'Rik',
    });
  });

  it('gets no attribute in an export that holds the key of another keyspace', async () => {
    const ask = (body: object, status: number) =>
      json<{ download_url: string }>('/audience/profiles/exports', status, {
        method: 'POST',
        body: { section_discriminator: section, ...body },
        as: limited,
      });
    await ask({ attributes: [ofSystem('email')] }, 403);
    const { download_url: url } = await ask({}, 202);
    const [titles] = (await (await fetch(url)).text()).split('\r\n');
    expect(titles).not.toContain('Email');
    expect(titles).not.toContain('CRM ID');
  });

  it('gets no people without a key in its keyspaces in exports and reports', async () => {
    const [mobile, email] = [newMobile(), keyOf('no-mobile')];
    const vip = await makeTag('Both of them');
    const people = [await makePerson({ mobile }, 'Reached'), await makePerson({ email }, 'Beyond')];
    await tagProfiles(account.sectionId, people, { apply: [vip.id] });
    const { discriminator } = await saveSegment(hasTag(vip.id));
    const textOf = async (path: string, body: object, as?: string) => {
      const { download_url: url } = await json<{ download_url: string }>(`/audience/profiles/${path}`, 202, {
        method: 'POST',
        body: { section_discriminator: section, ...body },
        ...(as === undefined ? {} : { as }),
      });
      return (await fetch(url)).text();
    };
    const exported = await textOf('exports', { tags: [vip.discriminator] }, limited);
    expect(exported).toContain('Reached');
    expect(exported).not.toContain('Beyond');
    const report = await textOf('reports/segments', { segments: [discriminator] }, limited);
    expect(report.trim().split('\r\n').slice(1)).toEqual([`${mobile},true`]);
    expect(await textOf('exports', { tags: [vip.discriminator] })).toContain('Beyond');
    expect((await textOf('reports/segments', { segments: [discriminator] })).trim().split('\r\n')).toHaveLength(3);
  });

  it('may not use segments that ask about keys of other keyspaces', async () => {
    const mobile = newMobile();
    await makePerson({ mobile, email: keyOf('seg') });
    const { id: email } = await one<{ id: AttributeId }>(
      pool(),
      sql`select id from attribute where section_id = ${account.sectionId} and code = 'email'`,
    );
    for (const rule of [onAttribute(email, { test: 'not_empty' }), hasKey(account.keyspaces.email)]) {
      const { discriminator } = await saveSegment(rule);
      const path = `/audience/keyspaces/${MOBILE}/sections/${section}/segments/${discriminator}`;
      await json(`${path}/profiles`, 403, { as: limited });
      await json(`${path}/tags/jobs`, 403, {
        method: 'POST',
        body: { apply: [(await makeTag('J')).discriminator] },
        as: limited,
      });
      await json(`/audience/sections/${section}/segments/${discriminator}/count`, 403, { as: limited });
      const body = { segments: [{ discriminator }] };
      await json(`${profilePath(mobile, MOBILE)}/evaluations`, 403, { method: 'POST', body, as: limited });
      const report = { section_discriminator: section, segments: [discriminator] };
      await json('/audience/profiles/reports/segments', 403, { method: 'POST', body: report, as: limited });
      await json(`/audience/sections/${section}/segments/${discriminator}/count`, 200);
    }
    const own = await saveSegment(hasKey(account.keyspaces.mobile));
    await json(`/audience/keyspaces/${MOBILE}/sections/${section}/segments/${own.discriminator}/profiles`, 200, {
      as: limited,
    });
  });

  it('does not learn in which other keyspace a merge has a conflict', async () => {
    const [first, second] = [newMobile(), `C-${newMobile()}`];
    await makePerson({ mobile: first, email: keyOf('m1') });
    await makePerson({ crm_id: second, email: keyOf('m2') });
    const { mobile, crm_id: crm } = account.keyspaces;
    const as = await tokenOf(await makeKey({ keyspaces: [mobile, crm] }));
    const profiles = [
      { keyspace_discriminator: MOBILE, profile_key: first },
      { keyspace_discriminator: CRM, profile_key: second },
    ];
    const { detail } = await json<{ detail: string }>('/audience/profiles/merges', 409, {
      method: 'PUT',
      body: { profiles },
      as,
    });
    expect(detail).not.toContain('Email');
  });

  it('sees neither jobs nor imports that were started through another keyspace', async () => {
    const vip = await makeTag('Not yours');
    const { job_id: job } = await json<{ job_id: string }>(
      `/audience/keyspaces/${EMAIL}/sections/${section}/tags/jobs`,
      202,
      { method: 'POST', body: { profile_keys: [keyOf('job')], apply: [vip.discriminator] } },
    );
    await json(`/audience/sections/${section}/jobs/${job}`, 404, { as: limited });
    const mapping = { keyspace_discriminator: EMAIL, field_selector: 'Email' };
    const { import_id: id } = await json<{ import_id: string }>(`/v2/audience/sections/${section}/imports`, 201, {
      method: 'POST',
      body: { keyspace_mapping: mapping },
    });
    await json(`/audience/sections/${section}/imports/${id}`, 404, { as: limited });
    await json(`/audience/sections/${section}/imports/${id}`, 200);
  });
});

describe('cookie ids of web browsers', () => {
  const WEB = 'com.apsis1.keyspaces.web';
  const cookie = () => `cookie-${Math.random().toString(36).slice(2)}`;
  const merge = (profiles: [string, string][], status = 204) =>
    json('/audience/profiles/merges', status, {
      method: 'PUT',
      body: { profiles: profiles.map(([keyspace, key]) => ({ keyspace_discriminator: keyspace, profile_key: key })) },
    });

  it('are created, read and merged: a person keeps one per device', async () => {
    const [email, phone, laptop] = [keyOf('web'), cookie(), cookie()];
    const vip = await makeTag('Visited');
    await json(`/audience/keyspaces/${WEB}/sections/${section}/profiles`, 201, {
      method: 'POST',
      body: { profile_key: phone },
    });
    await json(tagsPath(phone, WEB), 204, { method: 'PATCH', body: { [vip.discriminator]: true } });
    expect(await json(`/v2${attributes(phone, WEB)}`)).toEqual({});
    await makePerson({ email });
    await merge([
      [EMAIL, email],
      [WEB, phone],
    ]);
    await merge([
      [EMAIL, email],
      [WEB, laptop],
    ]);
    await merge([
      [WEB, laptop],
      [EMAIL, email],
    ]);
    for (const key of [phone, laptop]) expect(await json(tagsPath(key, WEB))).toEqual({ [vip.id]: true });
    const inWeb = `/audience/keyspaces/${WEB}/sections/${section}`;
    const { items } = await json<{ items: object[] }>(`${inWeb}/tags/${vip.discriminator}/profiles`);
    expect(items).toMatchObject([{ profile_key: [phone, laptop].sort()[0] }]);
    const { items: changes } = await json<{ items: object[] }>(`${inWeb}/tag-changes?after=0&limit=1000`);
    expect(changes.filter((change) => (change as { tag: string }).tag === vip.discriminator)).not.toEqual([]);
  });

  it('of another person are a conflict, like other keys', async () => {
    const [first, second, own] = [keyOf('one'), keyOf('two'), cookie()];
    await makePerson({ email: first });
    await makePerson({ email: second });
    await merge([
      [EMAIL, first],
      [WEB, own],
    ]);
    await merge(
      [
        [EMAIL, second],
        [WEB, own],
      ],
      409,
    );
    await merge([
      [EMAIL, second],
      [WEB, cookie()],
    ]);
  });

  it('are only in files that ask for them, and are not imported', async () => {
    const [email, ...cookies] = [keyOf('file'), cookie(), cookie()];
    await makePerson({ email });
    for (const key of cookies)
      await merge([
        [EMAIL, email],
        [WEB, key],
      ]);
    const textOf = async (more: object) => {
      const { download_url: url } = await json<{ download_url: string }>('/audience/profiles/exports', 202, {
        method: 'POST',
        body: { section_discriminator: section, attributes: [], ...more },
      });
      return (await fetch(url)).text();
    };
    expect(await textOf({})).not.toContain(cookies[0]);
    expect(await textOf({ keyspace_discriminators: [EMAIL, WEB] })).toContain(`${email},${cookies.sort().join('|')}`);
    await json(`/v2/audience/sections/${section}/imports`, 400, {
      method: 'POST',
      body: { keyspace_mapping: { keyspace_discriminator: WEB, field_selector: 'Cookie' } },
    });
  });
});

describe('keys of the keyspace Export', () => {
  const EXPORT = 'com.apsis1.keyspaces.export';
  const merge = (profiles: [string, string][], status = 204) =>
    json('/audience/profiles/merges', status, {
      method: 'PUT',
      body: { profiles: profiles.map(([keyspace, key]) => ({ keyspace_discriminator: keyspace, profile_key: key })) },
    });
  /** Lines of the file: email address and key. */
  async function exported(more: object = {}): Promise<Map<string, string>> {
    const { download_url: url } = await json<{ download_url: string }>('/audience/profiles/exports', 202, {
      method: 'POST',
      body: { section_discriminator: section, keyspace_discriminators: [EMAIL, EXPORT], attributes: [], ...more },
    });
    const lines = (await (await fetch(url)).text()).trim().split('\r\n');
    expect(lines[0]).toBe('Email,Export');
    return new Map(lines.slice(1).map((line) => line.split(',') as [string, string]));
  }

  it('are in files that ask for them, stay the same, and find the profile: attributes, tags, events, consents, segments', async () => {
    const { items: keyspaces } = await json<{ items: object[] }>('/audience/keyspaces');
    expect(keyspaces).toContainEqual({ discriminator: EXPORT, name: 'Export', manage_subscriptions: false });
    const email = keyOf('ex');
    await makePerson({ email }, 'Eva');
    const key = (await exported()).get(email)!;
    expect(key).toMatch(/^[\w-]{40,}$/);
    expect((await exported()).get(email)).toBe(key);
    expect(await json(`/v2${attributes(key, EXPORT)}`)).toMatchObject({ [ofSystem('firstname')]: 'Eva' });
    const vip = await makeTag('Exported');
    await json(tagsPath(key, EXPORT), 204, { method: 'PATCH', body: { [vip.discriminator]: true } });
    expect(await json(tagsPath(email))).toEqual({ [vip.id]: true });
    expect(await json(tagsPath(key, EXPORT))).toEqual({ [vip.id]: true });
    for (const version of ['', '/v2']) {
      const body = { [ofSystem('lastname')]: `Berg${version}` };
      await json(`${version}${attributes(key, EXPORT)}`, 204, { method: 'PATCH', body });
    }
    expect(await json(`/v2${attributes(email)}`)).toMatchObject({ [ofSystem('lastname')]: 'Berg/v2' });
    expect(await json(`${profilePath(key, EXPORT)}/sections/${section}/events`)).toEqual({ items: [] });
    const inExport = `/audience/keyspaces/${EXPORT}/sections/${section}`;
    const { items: members } = await json<{ items: object[] }>(`${inExport}/tags/${vip.discriminator}/profiles`);
    expect(members).toMatchObject([{ profile_key: key }]);
    await expect
      .poll(async () => (await json<{ items: object[] }>(`${inExport}/tag-changes?after=0&limit=1000`)).items)
      .toContainEqual(expect.objectContaining({ tag: vip.discriminator, profile_key: key }));
    const { discriminator } = await saveSegment(hasTag(vip.id));
    expect(await json(`${inExport}/segments/${discriminator}/profiles`)).toMatchObject({
      items: [{ profile_key: key }],
    });
    const body = { segments: [{ discriminator }] };
    expect(await json(`${profilePath(key, EXPORT)}/evaluations`, 200, { method: 'POST', body })).toEqual({
      matches: { segments: { [discriminator]: true } },
    });
    const { download_url: report } = await json<{ download_url: string }>('/audience/profiles/reports/segments', 202, {
      method: 'POST',
      body: { section_discriminator: section, segments: [discriminator], keyspace_discriminators: [EXPORT] },
    });
    expect(await (await fetch(report)).text()).toContain(`${key},true`);
  });

  it('follow a merged profile to the other one, and end with it', async () => {
    const [email, other] = [keyOf('first'), keyOf('second')];
    await makePerson({ email });
    await makePerson({ crm_id: other }, 'Olle');
    const older = (await exported()).get(email)!;
    const { download_url: url } = await json<{ download_url: string }>('/audience/profiles/exports', 202, {
      method: 'POST',
      body: { section_discriminator: section, keyspace_discriminators: [CRM, EXPORT], attributes: [] },
    });
    const younger = new RegExp(`${other},([\\w-]+)`).exec(await (await fetch(url)).text())![1]!;
    await merge([
      [EXPORT, younger],
      [EMAIL, email],
    ]);
    for (const key of [older, younger]) {
      expect(await json(`/v2${attributes(key, EXPORT)}`)).toMatchObject({ [ofSystem('firstname')]: 'Olle' });
    }
    await merge([
      [EXPORT, younger],
      [EXPORT, older],
    ]);
    const vip = await makeTag('Both');
    const tagged = `/audience/keyspaces/${EXPORT}/sections/${section}/tags/jobs`;
    const { job_id: job } = await json<{ job_id: string }>(tagged, 202, {
      method: 'POST',
      body: { profile_keys: [older, younger, 'nobody'], apply: [vip.discriminator] },
    });
    expect(await runToEnd(account.sectionId, Number(job) as OperationId)).toMatchObject({
      ...{ profiles: 2, rejected: 1, applied: 1 },
    });
    expect(await json(tagsPath(email))).toEqual({ [vip.id]: true });
    await json(`${profilePath(younger, EXPORT)}`, 204, { method: 'DELETE' });
    for (const key of [older, younger]) await json(`/v2${attributes(key, EXPORT)}`, 404);
    await json(`/v2${attributes(email)}`, 404);
  });

  it('cannot be created by clients: a key that Tagwell did not create belongs to nobody', async () => {
    const email = keyOf('forged');
    await makePerson({ email });
    const key = (await exported()).get(email)!;
    const vip = await makeTag('Forged');
    const apply = { [vip.discriminator]: true };
    for (const forged of ['1', 'nobody', `${key}A`, `A${key.slice(1)}`, key.toUpperCase(), `${key}=`]) {
      await json(tagsPath(forged, EXPORT), 404);
      await json(tagsPath(forged, EXPORT), 404, { method: 'PATCH', body: apply });
      await json(tagsPath(forged, EXPORT), 404, { method: 'PATCH', body: { [vip.discriminator]: null } });
      await json(attributes(forged, EXPORT), 404, { method: 'PATCH', body: { [ofSystem('firstname')]: 'X' } });
      await json(profilePath(forged, EXPORT), 404, { method: 'DELETE' });
      await json(`${profilePath(forged, EXPORT)}/locks`, 404, { method: 'PUT' });
    }
    await merge(
      [
        [EMAIL, email],
        [EXPORT, 'nobody'],
      ],
      404,
    );
    const profiles = `/audience/keyspaces/${EXPORT}/sections/${section}/profiles`;
    for (const one of [key, 'mine']) {
      const { detail } = await json<{ detail: string }>(profiles, 400, { method: 'POST', body: { profile_key: one } });
      expect(detail).toContain('Tagwell generates the keys of Export');
    }
    await json(`/v2/audience/sections/${section}/imports`, 400, {
      method: 'POST',
      body: { keyspace_mapping: { keyspace_discriminator: EXPORT, field_selector: 'Key' } },
    });
  });

  it('in a set are changed if they belong to somebody; the others are reported', async () => {
    const email = keyOf('many');
    await makePerson({ email });
    const key = (await exported()).get(email)!;
    const vip = await makeTag('Many');
    const path = `/audience/keyspaces/${EXPORT}/sections/${section}/profiles/tags`;
    const answer = await json(path, 207, {
      method: 'POST',
      body: {
        items: [
          { profile_key: 'nobody', tag: vip.discriminator, apply: true },
          { profile_key: key, tag: vip.discriminator, apply: true },
        ],
      },
    });
    expect(answer).toMatchObject({ items: [{ status: 404 }, { status: 204 }] });
    expect(await json(tagsPath(email))).toEqual({ [vip.id]: true });
  });

  it('are for API keys that may use the keyspace, and obey Allowed Operations', async () => {
    const email = keyOf('allowed');
    await makePerson({ email });
    const key = (await exported()).get(email)!;
    const as = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.email] }));
    await json(tagsPath(key, EXPORT), 404, { as });
    await json('/audience/profiles/exports', 404, {
      method: 'POST',
      body: { section_discriminator: section, keyspace_discriminators: [EXPORT] },
      as,
    });
    const secret = await makeTag('Not in exports');
    await tagProfiles(account.sectionId, [await makePerson({ email: keyOf('also') })], { apply: [secret.id] });
    const { id } = await one<{ id: KeyspaceId }>(
      pool(),
      sql`select id from keyspace where account_id = ${account.accountId} and discriminator = ${EXPORT}`,
    );
    await deny(secret.id, { read: true, write: true }, [id]);
    await json(tagsPath(key, EXPORT), 403, { method: 'PATCH', body: { [secret.discriminator]: true } });
    await json(`/audience/keyspaces/${EXPORT}/sections/${section}/tags/${secret.discriminator}/profiles`, 403);
  });

  it('cannot be used in segments, which would find nobody', async () => {
    const { id } = await one<{ id: KeyspaceId }>(
      pool(),
      sql`select id from keyspace where account_id = ${account.accountId} and discriminator = ${EXPORT}`,
    );
    await expect(saveSegment(hasKey(id))).rejects.toThrow();
  });
});

it('a client does not learn who has a key that is taken', async () => {
  const [email, crm] = [keyOf('taken'), `C-${keyOf('x')}`];
  await makePerson({ email }, 'Astrid');
  const { detail } = await json<{ detail: string }>(attributes(crm, CRM), 409, {
    method: 'PATCH',
    body: { [ofSystem('email')]: email },
  });
  expect(detail).toBe(`Another profile already has ${email}.`);
});

describe('a tag that may not be read', () => {
  it('does not prevent a merge, which moves it', async () => {
    const secret = await makeTag('Secret merge');
    await deny(secret.id, { read: true, write: true });
    for (const tagged of [true, false]) {
      const [email, crm] = [keyOf('m'), `C-${keyOf('m')}`];
      const ids = [await makePerson({ email }), await makePerson({ crm_id: crm })];
      if (tagged) await tagProfiles(account.sectionId, ids.slice(1), { apply: [secret.id] });
      const profiles = [
        { keyspace_discriminator: EMAIL, profile_key: email },
        { keyspace_discriminator: CRM, profile_key: crm },
      ];
      await json('/audience/profiles/merges', 204, { method: 'PUT', body: { profiles } });
      const held = await rows(
        pool(),
        sql`select from profile_tag where profile_id = ${ids[0]} and tag_id = ${secret.id}`,
      );
      expect(held).toHaveLength(tagged ? 1 : 0);
    }
  });

  it('is only counted by a segment through keyspaces that may read it', async () => {
    const secret = await makeTag('Secret count');
    const { discriminator } = await saveSegment(hasTag(secret.id));
    await tagProfiles(account.sectionId, [await makePerson({ email: keyOf('c') })], { apply: [secret.id] });
    const path = `/audience/sections/${section}/segments/${discriminator}/count`;
    expect(await json(path)).toEqual({ count: 1 });
    await deny(secret.id, { read: true, write: false }, [account.keyspaces.crm_id]);
    await json(path, 403);
    expect(await json(`${path}?keyspace_discriminators=${EMAIL}&keyspace_discriminators=${MOBILE}`)).toEqual({
      count: 1,
    });
    expect(await json(`${path}?keyspace_discriminators=${EMAIL},${MOBILE}`)).toEqual({ count: 1 });
    await json(`${path}?keyspace_discriminators=${EMAIL}&keyspace_discriminators=${CRM}`, 403);
    await deny(secret.id, { read: true, write: false });
    await json(`${path}?keyspace_discriminators=${EMAIL}`, 403);
  });

  it('does not appear in the counts of a job or an import', async () => {
    const secret = await makeTag('Write only');
    await deny(secret.id, { read: true, write: false });
    const key = keyOf('counts');
    await tagProfiles(account.sectionId, [await makePerson({ email: key })], { apply: [secret.id] });
    const { job_id: job } = await json<{ job_id: string }>(
      `/audience/keyspaces/${EMAIL}/sections/${section}/tags/jobs`,
      202,
      { method: 'POST', body: { profile_keys: [key, 'nobody'], remove: [secret.discriminator] } },
    );
    await runToEnd(account.sectionId, Number(job) as OperationId);
    const { counts } = await json<{ counts: object }>(`/audience/sections/${section}/jobs/${job}`);
    expect(counts).toMatchObject({ profiles: 1, rejected: 1 });
    for (const telling of ['applied', 'already', 'removed']) expect(counts).not.toHaveProperty(telling);

    // One profile has the tag and the other does not: the answer is the same.
    const [has, hasNot] = [keyOf('has'), keyOf('has-not')];
    await tagProfiles(account.sectionId, [await makePerson({ email: has })], { apply: [secret.id] });
    await makePerson({ email: hasNot });
    const importCounts = [await importAgain(has, secret), await importAgain(hasNot, secret)];
    expect(importCounts[0]).toMatchObject({ rows: 1, unchanged: 1 });
    expect(importCounts[1]).toEqual(importCounts[0]);
    for (const telling of ['applied', 'already', 'removed']) expect(importCounts[0]).not.toHaveProperty(telling);
  });

  /** The counts of an import of one existing person with a tag for all rows. */
  async function importAgain(key: string, tag: { discriminator: string }): Promise<object> {
    const announced = await announce({ tags: { apply: [tag.discriminator] } });
    expect((await send(announced, `Email\r\n${key}\r\n`)).status).toBe(204);
    const { operationId } = await one<{ operationId: OperationId }>(
      pool(),
      sql`select operation_id as "operationId" from import
          join import_request request on request.section_id = import.section_id and request.import_id = import.id
          where request.id = ${Number(announced.import_id)}`,
    );
    await runToEnd(account.sectionId, operationId);
    const { result } = await json<{ result: { status: string; counts: object } }>(
      `/audience/sections/${section}/imports/${announced.import_id}`,
    );
    expect(result.status).toBe('completed');
    return result.counts;
  }

  it('cannot filter an export once reading is forbidden, and has a column only if all keyspaces may read it', async () => {
    const secret = await makeTag('Secret export');
    const email = keyOf('e');
    await tagProfiles(account.sectionId, [await makePerson({ email })], { apply: [secret.id] });
    const ask = (body: object, status = 202) =>
      json<{ download_url: string }>('/audience/profiles/exports', status, {
        method: 'POST',
        body: { section_discriminator: section, include_tags: true, ...body },
      });
    const { download_url: url } = await ask({ tags: [secret.discriminator] });
    expect(await (await fetch(url)).text()).toContain('Secret export');
    await deny(secret.id, { read: true, write: false }, [account.keyspaces.crm_id]);
    expect((await fetch(url)).status).toBe(403);
    await ask({ tags: [secret.discriminator] }, 403);
    const textOf = async (keyspaces: string[]) =>
      (await fetch((await ask({ keyspace_discriminators: keyspaces })).download_url)).text();
    expect(await textOf([EMAIL])).toContain('Secret export');
    expect(await textOf([EMAIL, CRM])).not.toContain('Secret export');
  });
});

it('an import is refused if its tag may no longer be written when the file arrives', async () => {
  const vip = await makeTag('Later forbidden');
  const announced = await announce({ tags: { apply: [vip.discriminator] } });
  await deny(vip.id, { read: false, write: true });
  expect((await send(announced, `Email\r\n${keyOf('late')}\r\n`)).status).toBe(403);
  const { result } = await json<{ result: { status: string; error: string } }>(
    `/audience/sections/${section}/imports/${announced.import_id}`,
  );
  expect(result).toMatchObject({ status: 'error', error: expect.stringContaining('may not be written') as string });
});

it('work in progress ends when its tag may no longer be written', async () => {
  const vip = await makeTag('Forbidden meanwhile');
  const announced = await announce({ tags: { apply: [vip.discriminator] } });
  const key = keyOf('meanwhile');
  expect((await send(announced, `Email\r\n${key}\r\n`)).status).toBe(204);
  const { operationId } = await one<{ operationId: OperationId }>(
    pool(),
    sql`select operation_id as "operationId" from import
        join import_request request on request.section_id = import.section_id and request.import_id = import.id
        where request.id = ${Number(announced.import_id)}`,
  );
  const { job_id: job } = await json<{ job_id: string }>(
    `/audience/keyspaces/${EMAIL}/sections/${section}/tags/jobs`,
    202,
    { method: 'POST', body: { profile_keys: [key], apply: [vip.discriminator] } },
  );
  await deny(vip.id, { read: false, write: true });
  for (const id of [operationId, Number(job) as OperationId]) {
    await expect(runToEnd(account.sectionId, id)).rejects.toThrow('may not be written through Email');
  }
  const { result } = await json<{ result: { status: string } }>(
    `/audience/sections/${section}/imports/${announced.import_id}`,
  );
  expect(result.status).toBe('error');
  await json(tagsPath(key), 404);
});

describe('what must be created only once', () => {
  const statuses = async (path: string, body: object) => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, () =>
        call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ),
    );
    return answers.map(({ status }) => status).sort();
  };
  const once = [201, ...Array<number>(23).fill(409)];

  it('is created by one of 24 concurrent calls: a profile, a tag, a topic', async () => {
    const inSection = `/audience/sections/${section}`;
    for (let turn = 0; turn < 3; turn++) {
      const profile = { profile_key: keyOf('race') };
      expect(await statuses(`/audience/keyspaces/${EMAIL}/sections/${section}/profiles`, profile)).toEqual(once);
    }
    expect(await statuses(`${inSection}/tags`, { name: keyOf('tag') })).toEqual(once);
    expect(await statuses(`/v2${inSection}/topics`, { name: keyOf('topic') })).toEqual(once);
  });
});

it('a blank value clears the previous one', async () => {
  const key = keyOf('blank');
  const set = (value: string) =>
    json(attributes(key), 204, { method: 'PATCH', body: { [ofSystem('lastname')]: value } });
  for (const blank of ['', '   ', '\u00A0\t\n', '\u200B ']) {
    await set('Berg');
    expect(await json(`/v2${attributes(key)}`)).toMatchObject({ [ofSystem('lastname')]: 'Berg' });
    await set(blank);
    expect(await json(`/v2${attributes(key)}`)).not.toHaveProperty(ofSystem('lastname'));
  }
});

it('lists in the query may be repeated names or separated by commas', async () => {
  const key = keyOf('consents');
  await makePerson({ email: key });
  const topic = await json<{ discriminator: string }>(`/v2/audience/sections/${section}/topics`, 201, {
    method: 'POST',
    body: { name: keyOf('News') },
  });
  const path = `/v2${profilePath(key)}/sections/${section}/consents`;
  for (const [channel, type] of [
    ['email', 'opt-in'],
    ['sms', 'confirmed-opt-in'],
  ]) {
    const body = {
      topic_discriminator: topic.discriminator,
      channel_discriminator: `com.apsis1.channels.${channel}`,
      type,
    };
    await json(path, 201, { method: 'POST', body });
  }
  const types = async (query: string) =>
    (await json<{ items: { type: string }[] }>(`${path}${query}`)).items.map(({ type }) => type);
  for (const query of [
    '?consent_types=opt-in&consent_types=confirmed-opt-in',
    '?consent_types=opt-in,confirmed-opt-in',
    '',
  ]) {
    expect(await types(query)).toEqual(['opt-in', 'confirmed-opt-in']);
  }
  expect(await types('?consent_types=opt-in&consent_types=opt-out')).toEqual(['opt-in']);
  await json(`${path}?consent_types=opt-in&consent_types=none`, 400);
});

it('HEAD with a revoked key is refused at once, as GET is', async () => {
  const made = await makeKey();
  const as = await tokenOf(made);
  const key = keyOf('head');
  const vip = await makeTag('Head');
  expect((await patchTags(key, { [vip.discriminator]: true }, { as })).status).toBe(204);
  expect((await call(tagsPath(key), { method: 'HEAD', as })).status).toBe(200);
  await revokeApiKey(account.admin, { apiKeyId: made.id });
  for (const method of ['HEAD', 'GET', 'PATCH', 'PUT', 'DELETE']) {
    const path = ['PUT', 'DELETE'].includes(method) ? `${tagsPath(key)}/${vip.id}` : tagsPath(key);
    const answer = await call(path, { method, as, ...(method === 'PATCH' && { body: { [vip.discriminator]: true } }) });
    expect({ method, status: answer.status }).toEqual({ method, status: 403 });
  }
});

describe('the suppression list', () => {
  const path = `/v2/audience/sections/`;
  const channel_discriminator = 'com.apsis1.channels.email';

  it('is closed to a key that may not use the keyspace of its addresses', async () => {
    const list = `${path}${section}/suppressions`;
    const address = `${Math.random().toString(36).slice(2)}@example.com`;
    await json(list, 200, { method: 'POST', body: { items: [{ channel_discriminator, address }] } });
    const as = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    expect(await json(`${list}?address=${address}`, 200, { as })).toMatchObject({ items: [] });
    await json(list, 403, { as, method: 'POST', body: { items: [{ channel_discriminator, address }] } });
    const lifts = { channel_discriminator, addresses: [address], reason: 'It is right.' };
    await json(`${list}/lifts`, 403, { as, method: 'POST', body: lifts });
    expect(await json(`${list}?address=${address}`)).toMatchObject({ items: [{ address }] });
  });

  it('keeps those that have complained, whatever a key asks', async () => {
    const list = `${path}${section}/suppressions`;
    const address = `${Math.random().toString(36).slice(2)}@example.com`;
    const items = [{ channel_discriminator, address, reason: 'complaint' }];
    await json(list, 200, { method: 'POST', body: { items } });
    const lifts = { channel_discriminator, addresses: [address], reason: 'They have bought something.' };
    expect(await json(`${list}/lifts`, 200, { method: 'POST', body: lifts })).toEqual({ lifted: 0, complaints: 1 });
    expect(await json(`${list}?address=${address}`)).toMatchObject({ items: [{ reason: 'complaint' }] });
  });
});

it('every error of an unavailable database is a 503', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code });
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', '08006', '57P01', '57P03', '53300', '53100', '40P01']) {
    expect({ code, is: unavailableReason(withCode(code)) !== null }).toEqual({ code, is: true });
  }
  const broken = 'Client has encountered a connection error and is not queryable';
  for (const message of [broken, 'Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
    expect(unavailableReason(new Error(message))).not.toBeNull();
  }
  for (const code of ['23505', '42601', '22P02']) expect(unavailableReason(withCode(code))).toBeNull();
});

type Announced = { import_id: string; file_upload_url: string; file_upload_body: Record<string, string> };

const announce = async (body: object) => {
  await execute(pool(), sql`delete from import_request where import_id is null`);
  return json<Announced>(`/v2/audience/sections/${section}/imports`, 201, {
    method: 'POST',
    body: { keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Email' }, ...body },
  });
};

function send({ file_upload_url: url, file_upload_body: fields }: Announced, content: string): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
  return fetch(url, { method: 'POST', body: form });
}
