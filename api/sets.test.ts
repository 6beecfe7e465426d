// Sets of changes, jobs, and what clients follow: over HTTP, against the real process.
import { describe, expect, it } from 'vitest';
import type { OperationId, ProfileId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { usesOfTag } from '@/lib/accounts/tag-use';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import { account, CRM, EMAIL, json, keyOf, makeKey, makeTag, section, tagsPath, tokenOf, withApi } from '@/testing/api';
import { runToEnd } from '@/testing/fixtures';

withApi();

const inBoth = () => `/audience/keyspaces/${EMAIL}/sections/${section}`;
const tagsOf = (key: string) => json<Record<string, true>>(tagsPath(key));

async function makeProfile(key: string, keyspace = EMAIL): Promise<ProfileId> {
  const body = { profile_key: key };
  await json(`/audience/keyspaces/${keyspace}/sections/${section}/profiles`, 201, { method: 'POST', body });
  const { id } = await one<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${account.sectionId} and key = ${key}`,
  );
  return id;
}

async function guard(id: number, canRead: boolean, canWrite: boolean): Promise<void> {
  await execute(
    pool(),
    sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        values (${account.sectionId}, ${id}, ${account.keyspaces.email}, ${canRead}, ${canWrite})`,
  );
}

describe('a set of changes', () => {
  type Item = { profile_key: string; tag: string; apply: boolean };
  const send = (items: Item[], more: object = {}) =>
    json<{ items: { status: number; problem?: { detail: string } }[] }>(`${inBoth()}/profiles/tags`, 207, {
      method: 'POST',
      body: { items },
      ...more,
    });

  it('has an outcome for each: a refused change does not affect the others', async () => {
    const [vip, guarded] = [await makeTag('Set'), await makeTag('Guarded set')];
    await guard(guarded.id, true, false);
    const [ann, bo] = [keyOf('ann'), keyOf('bo')];
    const { items } = await send([
      { profile_key: ann.toUpperCase(), tag: vip.discriminator, apply: true },
      { profile_key: 'nobody', tag: vip.discriminator, apply: true },
      { profile_key: bo, tag: 'usercreated.tags.none-0123456789', apply: true },
      { profile_key: bo, tag: guarded.discriminator, apply: true },
      { profile_key: bo, tag: String(vip.id), apply: false },
      { profile_key: ann, tag: guarded.discriminator, apply: true },
    ]);
    expect(items.map(({ status }) => status)).toEqual([204, 400, 404, 403, 204, 403]);
    expect(items[3]!.problem!.detail).toContain('may not be written through Email');
    expect(await tagsOf(ann)).toEqual({ [vip.id]: true });
    await json(tagsPath(bo), 404);
    expect(await usesOfTag(pool(), account.sectionId, guarded.id)).toMatchObject([{ deniedWrites: 2 }]);
  });

  it('of a thousand creates profiles once, and the last change of a profile’s tag wins', async () => {
    const vip = await makeTag('Thousand');
    const keys = Array.from({ length: 999 }, (_, index) => keyOf(`many${index}`));
    const change = (apply: boolean) => (key: string) => ({ profile_key: key, tag: vip.discriminator, apply });
    const { items } = await send([...keys.map(change(true)), change(false)(keys[0]!)]);
    expect(new Set(items.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await tagsOf(keys[0]!)).toEqual({});
    const { tagged, made } = await one<{ tagged: number; made: number }>(
      pool(),
      sql`select (select count(*) from profile_tag where tag_id = ${vip.id}) as tagged,
                 (select count(*) from profile_change where created and after ->> 'email' = any(${keys})) as made`,
    );
    expect({ tagged, made }).toEqual({ tagged: 998, made: 999 });
  });

  it('sent twice at once with the same new keys creates them once', async () => {
    const vip = await makeTag('Twice');
    const keys = Array.from({ length: 200 }, (_, index) => keyOf(`twice${index}`));
    const items = keys.map((key) => ({ profile_key: key, tag: vip.discriminator, apply: true }));
    await Promise.all([send(items), send([...items].reverse()), send(items)]);
    const { keysMade, changes } = await one<{ keysMade: number; changes: number }>(
      pool(),
      sql`select (select count(*) from profile_key where key = any(${keys})) as "keysMade",
                 (select count(*) from tag_change where tag_id = ${vip.id}) as changes`,
    );
    expect({ keysMade, changes }).toEqual({ keysMade: 200, changes: 200 });
  });

  it('is limited, and repeated with its Idempotency-Key changes nothing', async () => {
    const vip = await makeTag('Again');
    const key = keyOf('again');
    const items = [{ profile_key: key, tag: vip.discriminator, apply: true }];
    const headers = { 'idempotency-key': key };
    const first = await send(items, { headers });
    await send([{ ...items[0]!, apply: false }]);
    expect(await send(items, { headers })).toEqual(first);
    expect(await tagsOf(key)).toEqual({});
    const tooMany = Array.from({ length: 1_001 }, () => items[0]!);
    await json(`${inBoth()}/profiles/tags`, 400, { method: 'POST', body: { items: tooMany } });
  });
});

describe('a job', () => {
  type Job = { job_id: string; status: string; counts: Record<string, number>; progress: number; total: number };
  const start = (body: object, status = 202) => json<Job>(`${inBoth()}/tags/jobs`, status, { method: 'POST', body });
  const ask = (id: string, status = 200) => json<Job>(`/audience/sections/${section}/jobs/${id}`, status);

  it('tags a long list in the background, and reports its progress', async () => {
    const vip = await makeTag('Job');
    const keys = Array.from({ length: 6_000 }, (_, index) => `job${index}.${vip.id}@example.com`);
    const { job_id: id, total } = await start({ profile_keys: [...keys, 'nobody'], apply: [vip.discriminator] });
    expect(total).toBe(6_001);
    await runToEnd(account.sectionId, Number(id) as OperationId);
    expect(await ask(id)).toMatchObject({
      status: 'done',
      progress: 6_001,
      counts: { profiles: 6_000, applied: 6_000, created: 6_000, rejected: 1 },
    });
    expect(await tagsOf(keys[5_999]!)).toEqual({ [vip.id]: true });
    const left = await one(pool(), sql`select count(*) as count from operation_key where operation_id = ${Number(id)}`);
    expect(left).toEqual({ count: 0 });
  });

  it('is refused without tags and with tags that may not be written, and belongs to its section', async () => {
    const guarded = await makeTag('Guarded job');
    await guard(guarded.id, true, false);
    await start({ profile_keys: ['a@x.se'] }, 400);
    await start({ profile_keys: ['a@x.se'], apply: [guarded.discriminator] }, 403);
    await start({ profile_keys: [], apply: [guarded.discriminator] }, 400);
    await ask('123456789', 404);
    await ask('x', 404);
    await ask('99999999999', 404);
  });
});

describe('the members of a tag', () => {
  type Page = { items: { profile_key: string; applied_at: string }[]; next: string | null; total: number };

  it('are listed page by page, if they have a key in the keyspace', async () => {
    const vip = await makeTag('Members');
    const keys = Array.from({ length: 25 }, (_, index) => keyOf(`member${index}`));
    const items = keys.map((key) => ({ profile_key: key, tag: vip.discriminator, apply: true }));
    await json(`${inBoth()}/profiles/tags`, 207, { method: 'POST', body: { items } });
    const byCrm = await makeProfile(keyOf('crm'), CRM);
    await transaction((tx) =>
      changeTags(
        tx,
        { sectionId: account.sectionId, source: 'user', userId: null },
        wantedForOne(byCrm, { apply: [vip.id], remove: [] }),
      ),
    );
    const seen: string[] = [];
    let after = '0';
    for (;;) {
      const page = await json<Page>(`${inBoth()}/tags/${vip.discriminator}/profiles?limit=10&after=${after}`);
      expect(page.total).toBe(26);
      seen.push(...page.items.map(({ profile_key: key }) => key));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen.sort()).toEqual([...keys].sort());
  });

  it('are refused if the keyspace may not read the tag, and the refusal is counted', async () => {
    const secret = await makeTag('Secret');
    await guard(secret.id, false, true);
    await json(`${inBoth()}/tags/${secret.discriminator}/profiles`, 403);
    expect(await usesOfTag(pool(), account.sectionId, secret.id)).toMatchObject([{ deniedReads: 1 }]);
    await json(`${inBoth()}/tags/${secret.discriminator}/profiles?limit=0`, 400);
  });
});

describe('changes since a cursor', () => {
  type Changes = {
    items: { id: string; change: string; tag: string; profile_key: string }[];
    next: string;
    more: boolean;
  };
  const read = (after: string, query = '') => json<Changes>(`${inBoth()}/tag-changes?after=${after}${query}`);
  const change = (key: string, tag: string, apply: boolean) =>
    json(tagsPath(key), 204, { method: 'PATCH', body: { [tag]: apply } });

  it('are delivered in order, once, to a consumer that stops and resumes', async () => {
    const vip = await makeTag('Feed');
    const key = keyOf('feed');
    const { next: start } = await read('latest');
    await change(key, vip.discriminator, true);
    await change(key, vip.discriminator, false);
    await change(key, vip.discriminator, true);
    const first = await read(start, '&limit=2');
    expect(first.items.map((item) => item.change)).toEqual(['applied', 'removed']);
    expect(first.more).toBe(true);
    const second = await read(first.next);
    expect(second.items).toMatchObject([
      { change: 'applied', tag: vip.discriminator, profile_key: key, source: 'api' },
    ]);
    expect((await read(second.next)).items).toEqual([]);
  });

  it('miss nothing if writers commit in a different order than they began', async () => {
    const vip = await makeTag('Slow');
    const { next: start } = await read('latest');
    const slow = await makeProfile(keyOf('slow'));
    const cause = { sectionId: account.sectionId, source: 'user' as const, userId: null };
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const writer = transaction(async (tx) => {
      await changeTags(tx, cause, wantedForOne(slow, { apply: [vip.id], remove: [] }));
      await held;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const fast = keyOf('fast');
    await change(fast, vip.discriminator, true);
    const during = await read(start);
    release();
    await writer;
    const after = await read(during.next);
    const keys = [...during.items, ...after.items].map(({ profile_key: key }) => key);
    expect(keys).toHaveLength(2);
    expect(keys.at(-1)).toBe(fast);
  });

  it('are not delayed by long transactions in other sections', async () => {
    const vip = await makeTag('Elsewhere');
    const { next: start } = await read('latest');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const elsewhere = transaction(async (tx) => {
      await execute(tx, sql`update section set description = 'long' where id = ${account.sectionId}`);
      await held;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await change(keyOf('elsewhere'), vip.discriminator, true);
    expect((await read(start)).items).toMatchObject([{ change: 'applied' }]);
    release();
    await elsewhere;
  });

  it('reach a reader exactly once each under many concurrent writers', async () => {
    const tags = [await makeTag('Many A'), await makeTag('Many B')];
    const keys = Array.from({ length: 12 }, (_, index) => keyOf(`writer${index}`));
    const { next: start } = await read('latest');
    let writing = true;
    const writers = Promise.all(
      keys.map(async (key) => {
        for (let turn = 0; turn < 10; turn++) await change(key, tags[turn % 2]!.discriminator, turn % 4 < 2);
      }),
    ).finally(() => (writing = false));
    const received: Changes['items'] = [];
    let after = start;
    for (let last = false; !last;) {
      last = !writing;
      const page = await read(after, '&limit=7');
      received.push(...page.items);
      after = page.next;
      if (page.more) last = false;
    }
    await writers;
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select count(*) as count from tag_change where tag_id = any(${tags.map(({ id }) => id)}::int[])`,
    );
    expect(received).toHaveLength(count);
    expect(new Set(received.map(({ id }) => id)).size).toBe(count);
    for (const key of keys) {
      for (const { discriminator } of tags) {
        const own = received.filter((item) => item.profile_key === key && item.tag === discriminator);
        own.forEach((item, index) => expect(item.change).toBe(index % 2 === 0 ? 'applied' : 'removed'));
      }
    }
  });

  it('leave out tags that are hidden or may not be read, and other keyspaces', async () => {
    const [hidden, secret] = [await makeTag('Hidden feed'), await makeTag('Secret feed')];
    await guard(secret.id, false, true);
    const { next: start } = await read('latest');
    await change(keyOf('x'), hidden.discriminator, true);
    await change(keyOf('y'), secret.discriminator, true);
    await hideTag(account.admin, { sectionId: account.sectionId, tagId: hidden.id });
    expect((await read(start)).items).toEqual([]);
    const limited = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await json(`${inBoth()}/tag-changes`, 404, { as: limited });
  });
});
