// Keyspaces with rules of their own: cookie ids of web browsers, and the keys of Export.
import { describe, expect, it } from 'vitest';
import type { KeyspaceId, OperationId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import {
  account,
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
import { attributes, deny, makePerson, ofSystem, saveSegment } from '@/testing/api-people';
import { runToEnd } from '@/testing/fixtures';
import { hasKey, hasTag, tagProfiles } from '@/testing/segments';

withApi();

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
