// What an API key may see and change, and that it learns nothing indirectly: over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import { revokeApiKey } from '@/lib/accounts/api-keys';
import type { AttributeId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
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
import { attributes, makePerson, MOBILE, newMobile, ofSystem, saveSegment } from '@/testing/api-people';
import { hasKey, hasTag, onAttribute, tagProfiles } from '@/testing/segments';

withApi();

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

it('a client does not learn who has a key that is taken', async () => {
  const [email, crm] = [keyOf('taken'), `C-${keyOf('x')}`];
  await makePerson({ email }, 'Astrid');
  const { detail } = await json<{ detail: string }>(attributes(crm, CRM), 409, {
    method: 'PATCH',
    body: { [ofSystem('email')]: email },
  });
  expect(detail).toBe(`Another profile already has ${email}.`);
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
