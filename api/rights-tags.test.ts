// What Allowed Operations keep from API clients: a tag that may not be read shows nowhere, one that may not be written stays as it is.
import { describe, expect, it } from 'vitest';
import type { OperationId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { account, CRM, EMAIL, json, keyOf, makeTag, section, tagsPath, withApi } from '@/testing/api';
import { announce, deny, makePerson, MOBILE, saveSegment, send } from '@/testing/api-people';
import { runToEnd } from '@/testing/fixtures';
import { hasTag, tagProfiles } from '@/testing/segments';

withApi();

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
