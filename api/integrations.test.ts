// Connections, lists and runs over HTTP: what a client sees and starts, and what a limited one does not.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createByKey } from '@/lib/clients/one-profile';
import type { ConnectionListId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { readRunLists, readSyncRun } from '@/lib/integrations/reads';
import { hideTag } from '@/lib/tags/commands';
import { account, EMAIL, json, makeKey, section, token, tokenOf, withApi } from '@/testing/api';
import { API_KEY } from '@/testing/crm/generic';
import { TestConnection } from '@/testing/sync';
import { valueOf } from '@/testing/segments';

withApi();

type RunBody = {
  run_id: string;
  status: string;
  dry: boolean;
  cause: string;
  job_id: string | null;
  error: string | null;
  counts: Record<string, number> | null;
  lists: { list_id: string; name: string; status: string; waiting: number; tag: { discriminator: string } | null }[];
};
type Page<Item> = { items: Item[]; next: string | null };

let shop: TestConnection;
let connection: string;
let list: { id: ConnectionListId; crm: string; members: string[] };

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
});
beforeEach(async () => {
  shop = await TestConnection.open(account, account.sectionId, { guard: { emptied: 2 } });
  connection = `/audience/sections/${section}/connections/${shop.id}`;
  return () => shop.stop();
});
afterAll(() => {
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});

/** A list of the CRM with these people, all of whom have profiles here. */
async function keep(name: string, emails: readonly string[]): Promise<void> {
  const own = `${name} ${shop.id}`;
  const members = emails.map((email) => shop.crm.world.addContact({ email }));
  for (const key of emails) {
    valueOf(await createByKey(account.system, { sectionId: shop.sectionId, keyspaceId: account.keyspaces.email, key }));
  }
  const crm = shop.crm.world.addList(own, members);
  list = { id: await shop.keep(crm, own), crm, members };
}

const start = (dry: boolean, status = 202, more: object = {}) =>
  json<RunBody>(`${connection}/runs`, status, { method: 'POST', body: { dry }, ...more });
const post = <Body>(path: string, status: number, body?: object, as?: string) =>
  json<Body>(`${connection}${path}`, status, { method: 'POST', ...(body && { body }), ...(as && { as }) });
const idOf = ({ run_id: id }: RunBody) => Number(id) as SyncRunId;
const finish = async (run: RunBody): Promise<RunBody> => {
  await shop.finish(idOf(run));
  return json<RunBody>(`${connection}/runs/${run.run_id}`);
};
const people = (run: RunBody, group: string, more = '', as?: string, status = 200) =>
  json<Page<{ profile_key: string }>>(
    `/audience/keyspaces/${EMAIL}/sections/${section}/connections/${shop.id}/runs/${run.run_id}/lists/${list.id}/people?group=${group}${more}`,
    status,
    as ? { as } : {},
  );
const emails = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${name}${at}.${shop.id}@example.org`);

/** The API key that is on record for the changes of a run. */
const operationKeyOf = async (runId: SyncRunId): Promise<string | null> => {
  const { name } = await one<{ name: string | null }>(
    pool(),
    sql`
      select api_key.name from sync_run run
      join operation on operation.section_id = run.section_id and operation.id = run.operation_id
      left join api_key on api_key.id = operation.api_key_id
      where run.section_id = ${shop.sectionId} and run.id = ${runId}`,
  );
  return name;
};

const tagOfList = () =>
  one<{ id: number; discriminator: string }>(
    pool(),
    sql`
      select tag.id, tag.discriminator from connection_list list
      join tag on tag.section_id = ${shop.sectionId} and tag.id = list.tag_id
      where list.section_id = ${shop.sectionId} and list.id = ${list.id}`,
  );

/** What is closed to a keyspace of the list's tag. */
async function deny(keyspaceId: number): Promise<void> {
  const tag = await tagOfList();
  await execute(
    pool(),
    sql`
      insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
      values (${shop.sectionId}, ${tag.id}, ${keyspaceId}, false, true)`,
  );
}

const ownKeyspace = async () =>
  (
    await one<{ id: number }>(
      pool(),
      sql`select keyspace_id as id from connection where section_id = ${shop.sectionId} and id = ${shop.id}`,
    )
  ).id;

describe('a client', () => {
  it('sees connections and lists without settings and secrets', async () => {
    await keep('Fair', emails('seen', 1));
    const { items } = await json<Page<{ connection_id: string }>>(`/audience/sections/${section}/connections`);
    expect(items).toContainEqual({
      connection_id: String(shop.id),
      crm: 'generic',
      name: 'Shop',
      status: 'active',
      attention: null,
      next_sync_at: expect.any(String) as string,
      keyspace_discriminator: expect.stringMatching(/^com\.apsis1\.integrations\.keyspaces\./) as string,
    });
    expect(await json(connection)).toMatchObject({ connection_id: String(shop.id) });
    const lists = await json<Page<object>>(`${connection}/lists`);
    expect(lists.items).toMatchObject([
      {
        list_id: String(list.id),
        external_id: `list:${list.crm}`,
        status: 'active',
        confirmed: false,
        tag: { name: `Shop: Fair ${shop.id}` },
      },
    ]);
    const all = JSON.stringify([items, lists]);
    expect(all).not.toContain(API_KEY);
    expect(all).not.toContain(shop.crm.simulator.origin);
  });

  it('starts a dry run, looks at its people by page, applies it, and follows its changes', async () => {
    const known = emails('page', 3);
    await keep('Fair', known);
    shop.crm.world.addMembers(list.crm, [shop.crm.world.addContact({ email: `nobody.${shop.id}@example.org` })]);
    await start(false, 409);
    const started = await start(true);
    expect(started).toMatchObject({ dry: true, status: 'reading', cause: 'api', counts: { adds: 0 } });
    await start(true, 409);
    const planned = await finish(started);
    expect(planned).toMatchObject({ status: 'planned', counts: { seen: 4, matched: 3, unmatched: 1, adds: 3 } });
    const first = await people(planned, 'adds', '&limit=2');
    const second = await people(planned, 'adds', `&limit=2&after=${first.next}`);
    expect([...first.items, ...second.items].map((item) => item.profile_key).toSorted()).toEqual(known);
    expect(second.next).toBeNull();
    for (const after of ['99999999999999999999999', '-5', 'x']) {
      await people(planned, 'adds', `&after=${after}`, undefined, 400);
    }
    expect((await people(planned, 'unmatched')).items).toEqual([{ profile_key: `nobody.${shop.id}@example.org` }]);
    await post(`/runs/${planned.run_id}/apply`, 202);
    await shop.operate(idOf(planned));
    const done = await json<RunBody>(`${connection}/runs/${planned.run_id}`);
    expect(done).toMatchObject({ status: 'done', dry: false, lists: [{ status: 'done', waiting: 0 }] });
    const { items } = await json<Page<{ profile_key: string }>>(
      `/audience/keyspaces/${EMAIL}/sections/${section}/tag-changes?job_id=${done.job_id}`,
    );
    expect(items.map((item) => item.profile_key).toSorted()).toEqual(known);
    const { operation } = await one<{ operation: string | null }>(
      pool(),
      sql`
        select api_key.name as operation from operation join api_key on api_key.id = operation.api_key_id
        where operation.section_id = ${shop.sectionId} and operation.id = ${Number(done.job_id)}`,
    );
    expect(operation).toBe('Web shop');
  });

  it('lists runs newest first, by page', async () => {
    await keep('Fair', emails('list', 1));
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift((await finish(await start(true))).run_id);
    const page = (after = '') => json<Page<RunBody>>(`${connection}/runs?limit=2${after}`);
    const first = await page();
    expect(first.items.map(({ run_id: id }) => id)).toEqual(ids.slice(0, 2));
    const second = await page(`&after=${first.next}`);
    expect(second).toMatchObject({ items: [{ run_id: ids[2], status: 'superseded' }], next: null });
  });

  it('gets the error of a run in words', async () => {
    await keep('Fair', emails('error', 1));
    const started = await start(true);
    shop.crm.simulator.faults.set({ kind: 'unauthorised', match: '' });
    expect(await finish(started)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('credentials') as string,
    });
  });

  it('answers for held removals, if it knows how many there are', async () => {
    await keep('Fair', emails('held', 3));
    await shop.first();
    shop.crm.world.removeMembers(list.crm, list.members);
    const held = await finish(await start(false));
    expect(held).toMatchObject({ status: 'held', lists: [{ status: 'held', waiting: 3 }] });
    expect((await people(held, 'removes')).items).toHaveLength(3);
    const answer = { list_id: String(list.id), answer: 'take_off', removals: 2 };
    const { detail } = await post<{ detail: string }>(`/runs/${held.run_id}/answers`, 409, answer);
    expect(detail).toContain('3 removals wait, not 2');
    await post(`/runs/${held.run_id}/answers`, 404, { ...answer, list_id: '999999' });
    await post(`/runs/${held.run_id}/answers`, 202, { ...answer, removals: 3 });
    await shop.operate(idOf(held));
    expect(await shop.tagged(`Fair ${shop.id}`)).toEqual([]);
    const inRun = { sectionId: shop.sectionId, runId: held.run_id };
    const shown = {
      ...valueOf(await readSyncRun(account.admin, inRun)),
      ...valueOf(await readRunLists(account.admin, { ...inRun, limit: 5 })),
    };
    const by = 'API key “Web shop”';
    expect(shown).toMatchObject({ run: { startedBy: by }, lists: [{ answeredBy: by, takenOff: true }] });
    expect(await operationKeyOf(idOf(held))).toBe('Web shop');
    await post(`/runs/${held.run_id}/answers`, 409, { ...answer, removals: 3 });
  });

  it('leaves held removals as they are', async () => {
    await keep('Fair', emails('leave', 2));
    await shop.first();
    shop.crm.world.removeMembers(list.crm, list.members);
    const held = await finish(await start(false));
    await post(`/runs/${held.run_id}/answers`, 202, { list_id: String(list.id), answer: 'leave', removals: 2 });
    await shop.operate(idOf(held));
    const run = await json<RunBody>(`${connection}/runs/${held.run_id}`);
    expect(run).toMatchObject({ status: 'done', counts: { removes: 0, left: 2 } });
    expect(await shop.tagged(`Fair ${shop.id}`)).toHaveLength(2);
  });

  it('starts one run for one Idempotency-Key, and cancels it', async () => {
    await keep('Fair', emails('once', 1));
    const headers = { 'idempotency-key': `start ${shop.id}` };
    const started = await start(true, 202, { headers });
    expect(await start(true, 202, { headers })).toEqual(started);
    await post(`/runs/${started.run_id}/cancel`, 204);
    await post(`/runs/${started.run_id}/cancel`, 409);
    expect(await json(`${connection}/runs/${started.run_id}`)).toMatchObject({ status: 'cancelled' });
  });

  it('gets 404 for what is not of this connection', async () => {
    await keep('Fair', emails('none', 1));
    const run = await start(true);
    const others = `/audience/sections/${section}/connections`;
    await json(`${others}/0`, 404);
    await json(`${others}/999999/runs`, 404);
    await json(`${connection}/runs/999999`, 404);
    await json(`${others}/x/runs/${run.run_id}/cancel`, 404, { method: 'POST' });
    await start(true, 404, { body: { dry: true, list_ids: ['999999'] } });
    await start(true, 400, { body: { dry: 'yes' } });
  });
});

describe('a key', () => {
  it('that may only read starts, applies, answers and cancels nothing', async () => {
    await keep('Fair', emails('reader', 1));
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    const run = await start(true);
    await json(`${connection}/runs/${run.run_id}`, 200, { as: reader });
    await start(true, 403, { as: reader });
    await post(`/runs/${run.run_id}/apply`, 403, undefined, reader);
    await post(`/runs/${run.run_id}/answers`, 403, { list_id: '1', answer: 'leave', removals: 1 }, reader);
    await post(`/runs/${run.run_id}/cancel`, 403, undefined, reader);
  });

  it('without the keyspace of the connection does not see it', async () => {
    await keep('Fair', emails('other', 1));
    const run = await start(true);
    const other = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.email] }));
    expect(await json(`/audience/sections/${section}/connections`, 200, { as: other })).toEqual({ items: [] });
    await json(connection, 404, { as: other });
    await json(`${connection}/lists`, 404, { as: other });
    await json(`${connection}/runs`, 404, { as: other });
    await people(run, 'adds', '', other, 404);
    await start(true, 404, { as: other });
    await post(`/runs/${run.run_id}/cancel`, 404, undefined, other);
    const own = await tokenOf(await makeKey({ keyspaces: [await ownKeyspace()] }));
    await json(connection, 200, { as: own });
    await people(run, 'adds', '', own, 404);
  });

  it('does not see lists whose tag may not be read, nor counts that they are part of', async () => {
    await keep('Secret', emails('secret', 2));
    const planned = await finish(await start(true));
    await deny(await ownKeyspace());
    expect(await json(`${connection}/lists`)).toEqual({ items: [] });
    const run = await json<RunBody>(`${connection}/runs/${planned.run_id}`);
    expect(run).toMatchObject({ status: 'planned', counts: null, lists: [] });
    const { items } = await json<Page<RunBody>>(`${connection}/runs`);
    expect(items).toMatchObject([{ run_id: planned.run_id, counts: null }]);
    await people(planned, 'adds', '', token, 404);
    const { detail } = await start(false, 409).then((body) => body as unknown as { detail: string });
    expect(detail).not.toContain('Secret');
    await start(true, 404, { body: { dry: true, list_ids: [String(list.id)] } });
    await post(`/runs/${planned.run_id}/apply`, 403);
  });

  it('sees the people of a run only through a keyspace that may read the tag', async () => {
    await keep('Closed', emails('closed', 1));
    const planned = await finish(await start(true));
    await deny(account.keyspaces.email);
    await people(planned, 'adds', '', token, 403);
  });

  it('is not told the name of a hidden tag', async () => {
    await keep('Hidden', emails('hidden', 1));
    const planned = await finish(await start(true));
    const tag = await tagOfList();
    valueOf(await hideTag(account.admin, { sectionId: shop.sectionId, tagId: tag.id }));
    expect(await json(`${connection}/lists`)).toMatchObject({ items: [{ tag: null }] });
    await people(planned, 'adds', '', token, 404);
  });
});
